package dev.burhan.kernel.engine;

import dev.burhan.backend.Phase;
import dev.burhan.provider.BurhanException;
import java.util.Arrays;

/**
 * One text in the making: its tokens, how many of them the cache holds, and the pages that hold
 * them.
 */
final class Sequence implements AutoCloseable {
  private final PagePool pool;
  private final int tokensPerPage;
  private final int promptLength;
  private int[] tokens;
  private int length;
  private int computed;
  private int[] pages = new int[8];
  private int pageCount;

  Sequence(int[] prompt, PagePool pool, int tokensPerPage) {
    this.pool = pool;
    this.tokensPerPage = tokensPerPage;
    this.promptLength = prompt.length;
    this.tokens = Arrays.copyOf(prompt, prompt.length + 64);
    this.length = prompt.length;
  }

  int length() {
    return length;
  }

  /** Tokens that were run through the model: positions below it are in the cache. */
  int computed() {
    return computed;
  }

  int token(int position) {
    return tokens[position];
  }

  Phase phase(int position) {
    return position < promptLength ? Phase.PROMPT : Phase.GENERATED;
  }

  int pageCount() {
    return pageCount;
  }

  int page(int index) {
    return pages[index];
  }

  void append(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, length * 2);
    }
    tokens[length++] = token;
  }

  /**
   * Takes back tokens that were appended as guesses. What the cache holds of them is overwritten by
   * the tokens that come in their place.
   */
  void truncate(int end) {
    length = end;
    computed = Math.min(computed, end);
  }

  /** Takes pages so that positions below {@code end} have room. */
  void reserve(int end) {
    while ((long) pageCount * tokensPerPage < end) {
      int page = pool.take();
      if (page < 0) {
        throw new BurhanException(
            "the KV cache is full at " + (long) pageCount * tokensPerPage + " tokens");
      }
      if (pageCount == pages.length) {
        pages = Arrays.copyOf(pages, pageCount * 2);
      }
      pages[pageCount++] = page;
    }
  }

  /** Positions below {@code end} are in the cache now. */
  void computedTo(int end) {
    computed = end;
  }

  @Override
  public void close() {
    while (pageCount > 0) {
      pool.give(pages[--pageCount]);
    }
  }
}
