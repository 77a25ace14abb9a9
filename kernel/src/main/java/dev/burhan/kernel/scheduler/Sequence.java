package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Phase;
import java.util.Arrays;
import java.util.Optional;

/**
 * One text in the making: its tokens, how many of them the cache holds, and the pages that hold
 * them. Pages before the one that is being filled may be shared with other texts that begin alike.
 */
public final class Sequence implements AutoCloseable {
  /** Copies what a page of the model's cache holds to another one. */
  @FunctionalInterface
  public interface PageCopier {
    void copy(int from, int to);
  }

  private PagePool pool;
  private final int tokensPerPage;
  private final int promptLength;
  private Optional<PrefixKeys> sharing;
  private boolean foreign; // some of its pages are of other numerics: nobody may share them
  private int[] tokens;
  private int length;
  private int computed;
  private int[] pages = new int[8];
  private int pageCount;
  private PageKey[] keys = new PageKey[8]; // of full pages whose tokens are final
  private int keyCount;
  private int published; // full pages that others may find
  private boolean promptPublished;

  /** A text that shares nothing. */
  Sequence(int[] prompt, PagePool pool, int tokensPerPage) {
    this(prompt, prompt.length, pool, tokensPerPage, Optional.empty());
  }

  /**
   * A text.
   *
   * @param tokens what is known of it
   * @param promptLength how many of those are a prompt's
   * @param sharing with whom its pages may be shared; empty for nobody
   */
  Sequence(
      int[] tokens,
      int promptLength,
      PagePool pool,
      int tokensPerPage,
      Optional<PrefixKeys> sharing) {
    this.pool = pool;
    this.tokensPerPage = tokensPerPage;
    this.promptLength = promptLength;
    this.sharing = sharing;
    this.tokens = Arrays.copyOf(tokens, tokens.length + 64);
    this.length = tokens.length;
  }

  int length() {
    return length;
  }

  int promptLength() {
    return promptLength;
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

  public void append(int token) {
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

  /** Pages that are missing so that positions below {@code end} have room. */
  int missingPages(int end) {
    return Math.max(0, Math.ceilDiv(end, tokensPerPage) - pageCount);
  }

  /** Pages of {@link PagePool#available} that all tokens known will take, shared ones left out. */
  int neededPages() {
    int needed = Math.ceilDiv(length, tokensPerPage);
    if (sharing.isPresent()) {
      int matched = matchedPages();
      for (int index = 0; index < matched; index++) {
        needed -= pool.held(pool.findWhole(key(index))) ? 1 : 0;
      }
    }
    return needed;
  }

  /** Takes pages so that positions below {@code end} have room; false if there are too few. */
  boolean reserve(int end) {
    if (missingPages(end) > pool.available()) {
      return false;
    }
    while ((long) pageCount * tokensPerPage < end) {
      add(pool.take());
    }
    return true;
  }

  private void add(int page) {
    if (pageCount == pages.length) {
      pages = Arrays.copyOf(pages, pageCount * 2);
    }
    pages[pageCount++] = page;
  }

  /** Positions below {@code end} are in the cache now. */
  void computedTo(int end) {
    computed = end;
  }

  /**
   * Takes over what the pool has of this text, which has no pages yet: shares full pages, and
   * copies the one that it goes on in. At least the last token stays to be computed.
   */
  void attach(PageCopier copier) {
    if (sharing.isEmpty()) {
      return;
    }
    int matched = 0;
    int shared = matchedPages();
    for (int index = 0; index < shared; index++) {
      int page = pool.findWhole(key(index));
      boolean end = (index + 1) * tokensPerPage >= length;
      if (end) {
        matched = copy(page, copier) ? (index + 1) * tokensPerPage : matched;
      } else {
        pool.hold(page);
        add(page);
        matched = (index + 1) * tokensPerPage;
      }
    }
    published = pageCount;
    if (shared == promptLength / tokensPerPage && hasPromptEnd()) {
      int page = pool.find(promptEndKey());
      if (page >= 0 && copy(page, copier)) {
        matched = promptLength;
      }
    }
    computed = Math.min(matched, length - 1);
  }

  /** Full pages, from the first on, that the pool has. */
  private int matchedPages() {
    int index = 0;
    while ((index + 1) * tokensPerPage <= length && pool.findWhole(key(index)) >= 0) {
      index++;
    }
    return index;
  }

  /**
   * Whether another text is about to compute what this one needs next: to wait for it is quicker
   * than to compute it twice.
   */
  boolean waitsFor(Sequence other) {
    if (sharing.isEmpty()
        || other.sharing.isEmpty()
        || other.foreign
        || other.computed >= other.promptLength) {
      return false;
    }
    int index = matchedPages();
    if ((index + 1) * tokensPerPage <= Math.min(promptLength, other.promptLength)) {
      return other.key(index).equals(key(index));
    }
    return index == promptLength / tokensPerPage
        && hasPromptEnd()
        && other.promptLength == promptLength
        && pool.find(promptEndKey()) < 0
        && other.promptEndKey().equals(promptEndKey());
  }

  private boolean copy(int page, PageCopier copier) {
    pool.hold(page); // so that it is not what take() makes room with
    int own = pool.take();
    pool.give(page);
    if (own < 0) {
      return false;
    }
    copier.copy(page, own);
    add(own);
    return true;
  }

  private PageKey key(int index) {
    while (keyCount <= index) {
      if (keyCount == keys.length) {
        keys = Arrays.copyOf(keys, keyCount * 2);
      }
      int from = keyCount * tokensPerPage;
      keys[keyCount] = PrefixKeys.child(parent(keyCount), this, from, from + tokensPerPage);
      keyCount++;
    }
    return keys[index];
  }

  private PageKey parent(int index) {
    return index == 0 ? sharing.orElseThrow().root() : key(index - 1);
  }

  /** Whether the prompt ends within a page. */
  private boolean hasPromptEnd() {
    return promptLength % tokensPerPage != 0;
  }

  private PageKey promptEndKey() {
    int index = promptLength / tokensPerPage;
    return PrefixKeys.child(parent(index), this, index * tokensPerPage, promptLength);
  }

  /** Lets others find what is in the cache of positions below {@code end}, which are final. */
  void publish(int end) {
    if (sharing.isEmpty() || foreign) {
      return;
    }
    for (; (published + 1) * tokensPerPage <= end; published++) {
      pool.keepWhole(
          pages[published], key(published), (published + 1) * tokensPerPage <= promptLength);
    }
    if (!promptPublished && end >= promptLength) {
      promptPublished = true;
      if (hasPromptEnd()) {
        pool.keepBeginning(pages[promptLength / tokensPerPage], promptEndKey());
      }
    }
  }

  /** Gives all pages back, the last first: of what is kept, the beginnings live longest. */
  void release() {
    while (pageCount > 0) {
      pool.give(pages[--pageCount]);
    }
    computed = 0;
    published = 0;
    promptPublished = false;
    foreign = false;
  }

  /**
   * Goes on in another program's cache.
   *
   * @param to its pages
   * @param keys with whom they may be shared
   * @param copier copies a page of the old cache to one of the new; empty if it can't be done
   * @return whether its pages were taken along; if not, it has none and nothing is computed
   */
  boolean move(PagePool to, Optional<PrefixKeys> keys, Optional<PageCopier> copier) {
    PagePool from = pool;
    int[] old = Arrays.copyOf(pages, pageCount);
    int had = computed;
    boolean along = copier.isPresent() && old.length > 0 && to.available() >= old.length;
    pool = to;
    sharing = sharing.isPresent() ? keys : sharing;
    keyCount = 0;
    published = 0;
    promptPublished = false;
    pageCount = 0;
    computed = along ? had : 0;
    foreign = along;
    for (int page : old) {
      if (along) {
        add(to.take());
        copier.get().copy(page, pages[pageCount - 1]);
      }
    }
    for (int index = old.length - 1; index >= 0; index--) {
      from.give(old[index]);
    }
    return along;
  }

  @Override
  public void close() {
    release();
  }
}
