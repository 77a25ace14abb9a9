package dev.burhan.kernel.testing;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Phase;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A batch from plain lists. Give sequences pages that are no neighbours, so that a kernel that
 * ignores the block table shows.
 */
public final class TestBatch implements Batch {
  private final int tokensPerPage;
  private final List<Integer> first = new ArrayList<>(List.of(0));
  private final List<Integer> sequence = new ArrayList<>();
  private final List<Integer> position = new ArrayList<>();
  private final List<Integer> token = new ArrayList<>();
  private final List<Phase> phase = new ArrayList<>();
  private final List<int[]> pages = new ArrayList<>();
  private List<Integer> logits = List.of();

  public TestBatch(int tokensPerPage) {
    this.tokensPerPage = tokensPerPage;
  }

  /**
   * Adds a sequence's columns.
   *
   * @param from position of the first
   * @param pages the sequence's block table: enough pages for its last position
   */
  public TestBatch add(int from, Phase phase, int[] pages, int... tokens) {
    for (int i = 0; i < tokens.length; i++) {
      sequence.add(this.pages.size());
      position.add(from + i);
      token.add(tokens[i]);
      this.phase.add(phase);
    }
    this.pages.add(pages.clone());
    first.add(token.size());
    return this;
  }

  /** Makes all columns from a position on generated ones. */
  public TestBatch generatedFrom(int from) {
    for (int column = 0; column < columns(); column++) {
      if (position(column) >= from) {
        phase.set(column, Phase.GENERATED);
      }
    }
    return this;
  }

  /** Makes the columns of each sequence from a position of its own on generated ones. */
  public TestBatch prompts(int... lengths) {
    for (int column = 0; column < columns(); column++) {
      boolean prompt = position(column) < lengths[sequence(column)];
      phase.set(column, prompt ? Phase.PROMPT : Phase.GENERATED);
    }
    return this;
  }

  /** Wants logits of these columns; none otherwise. */
  public TestBatch logits(int... columns) {
    logits = Arrays.stream(columns).boxed().toList();
    return this;
  }

  /** One sequence of {@code columns} prompt tokens from position 0, all zero, in pages 0, 1, ... */
  public static TestBatch prompt(int columns, int tokensPerPage) {
    return new TestBatch(tokensPerPage)
        .add(0, Phase.PROMPT, firstPages(columns, tokensPerPage), new int[columns]);
  }

  /** Pages 0, 1, ... for so many tokens. */
  public static int[] firstPages(int tokens, int tokensPerPage) {
    return IntStream.range(0, Math.ceilDiv(tokens, tokensPerPage)).toArray();
  }

  @Override
  public int sequences() {
    return pages.size();
  }

  @Override
  public int columns() {
    return token.size();
  }

  @Override
  public int firstColumn(int sequence) {
    return first.get(sequence);
  }

  @Override
  public int sequence(int column) {
    return sequence.get(column);
  }

  @Override
  public int position(int column) {
    return position.get(column);
  }

  @Override
  public int token(int column) {
    return token.get(column);
  }

  @Override
  public Phase phase(int column) {
    return phase.get(column);
  }

  @Override
  public int pages(int sequence) {
    return pages.get(sequence).length;
  }

  @Override
  public int page(int sequence, int index) {
    return pages.get(sequence)[index];
  }

  @Override
  public int adapter(int sequence) {
    return 0;
  }

  @Override
  public int logitRows() {
    return logits.size();
  }

  @Override
  public int logitColumn(int row) {
    return logits.get(row);
  }

  @Override
  public MemorySegment raw() {
    int most = pages.stream().mapToInt(table -> table.length).max().orElse(0);
    List<Integer> numbers =
        new ArrayList<>(List.of(sequences(), columns(), logitRows(), most, tokensPerPage, 0, 0, 0));
    numbers.addAll(first);
    numbers.addAll(sequence);
    numbers.addAll(position);
    numbers.addAll(token);
    phase.forEach(each -> numbers.add(each.ordinal()));
    pages.forEach(table -> numbers.add(table.length));
    for (int[] table : pages) {
      for (int i = 0; i < most; i++) {
        numbers.add(i < table.length ? table[i] : -1);
      }
    }
    pages.forEach(_ -> numbers.add(0));
    numbers.addAll(logits);
    return Arena.ofAuto()
        .allocateFrom(ValueLayout.JAVA_INT, numbers.stream().mapToInt(Integer::intValue).toArray());
  }
}
