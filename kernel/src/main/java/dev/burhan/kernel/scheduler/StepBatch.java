package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Phase;
import dev.burhan.provider.HostMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The batch of a step, filled anew for each one and sized once for a program's limits. */
final class StepBatch implements Batch, AutoCloseable {
  private static final int HEADER = 8;

  private final HostMemory memory;
  private final MemorySegment raw;
  private final int tokensPerPage;
  private final int ahead;
  private final Sequence[] members;
  private final int[] firstColumn;
  private final int[] sequenceOf;
  private final int[] positions;
  private final int[] logitColumns;
  private int sequences;
  private int columns;
  private int logitRows;

  StepBatch(Limits limits, HostMemory memory) {
    this(limits, memory, 0);
  }

  /**
   * A batch whose columns bring a later token than their position's.
   *
   * @param ahead by how many positions the token is later
   */
  StepBatch(Limits limits, HostMemory memory, int ahead) {
    this.ahead = ahead;
    this.memory = memory;
    this.tokensPerPage = limits.tokensPerPage();
    members = new Sequence[limits.sequences()];
    firstColumn = new int[limits.sequences() + 1];
    sequenceOf = new int[limits.columns()];
    positions = new int[limits.columns()];
    logitColumns = new int[limits.logitRows()];
    long pages = Math.ceilDiv(limits.context(), limits.tokensPerPage());
    long numbers =
        HEADER
            + (limits.sequences() + 1L)
            + 4L * limits.columns()
            + limits.sequences() * (2 + pages)
            + limits.logitRows();
    raw = memory.map(numbers * Integer.BYTES);
  }

  void clear() {
    sequences = 0;
    columns = 0;
    logitRows = 0;
  }

  /**
   * Adds the next {@code count} tokens of a sequence, whose pages are reserved.
   *
   * @param logits of how many of them, counted from the last, logits are wanted
   */
  void add(Sequence sequence, int count, int logits) {
    add(sequence, sequence.computed(), count, logits);
  }

  /** Adds the {@code count} tokens from position {@code from} on. */
  void add(Sequence sequence, int from, int count, int logits) {
    members[sequences] = sequence;
    firstColumn[sequences] = columns;
    for (int i = 0; i < count; i++) {
      sequenceOf[columns] = sequences;
      positions[columns] = from + i;
      if (i >= count - logits) {
        logitColumns[logitRows++] = columns;
      }
      columns++;
    }
    firstColumn[++sequences] = columns;
  }

  @Override
  public int sequences() {
    return sequences;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public int firstColumn(int sequence) {
    return firstColumn[sequence];
  }

  @Override
  public int sequence(int column) {
    return sequenceOf[column];
  }

  @Override
  public int position(int column) {
    return positions[column];
  }

  @Override
  public int token(int column) {
    return members[sequenceOf[column]].token(positions[column] + ahead);
  }

  @Override
  public Phase phase(int column) {
    return members[sequenceOf[column]].phase(positions[column] + ahead);
  }

  @Override
  public int pages(int sequence) {
    return members[sequence].pageCount();
  }

  @Override
  public int page(int sequence, int index) {
    return members[sequence].page(index);
  }

  @Override
  public int adapter(int sequence) {
    return 0;
  }

  @Override
  public int logitRows() {
    return logitRows;
  }

  @Override
  public int logitColumn(int row) {
    return logitColumns[row];
  }

  @Override
  public MemorySegment raw() {
    int mostPages = 0;
    for (int s = 0; s < sequences; s++) {
      mostPages = Math.max(mostPages, pages(s));
    }
    int at = 0;
    for (int number :
        new int[] {sequences, columns, logitRows, mostPages, tokensPerPage, 0, 0, 0}) {
      at = put(at, number);
    }
    for (int s = 0; s <= sequences; s++) {
      at = put(at, firstColumn[s]);
    }
    for (int c = 0; c < columns; c++) {
      at = put(at, sequenceOf[c]);
    }
    for (int c = 0; c < columns; c++) {
      at = put(at, positions[c]);
    }
    for (int c = 0; c < columns; c++) {
      at = put(at, token(c));
    }
    for (int c = 0; c < columns; c++) {
      at = put(at, phase(c).ordinal());
    }
    for (int s = 0; s < sequences; s++) {
      at = put(at, pages(s));
    }
    for (int s = 0; s < sequences; s++) {
      for (int p = 0; p < mostPages; p++) {
        at = put(at, p < pages(s) ? page(s, p) : -1);
      }
    }
    for (int s = 0; s < sequences; s++) {
      at = put(at, adapter(s));
    }
    for (int row = 0; row < logitRows; row++) {
      at = put(at, logitColumns[row]);
    }
    return raw.asSlice(0, (long) at * Integer.BYTES);
  }

  private int put(int at, int number) {
    raw.setAtIndex(ValueLayout.JAVA_INT, at, number);
    return at + 1;
  }

  @Override
  public void close() {
    memory.unmap(raw);
  }
}
