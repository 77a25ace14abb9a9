package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Phase;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.function.Supplier;

/**
 * {@code y = W x + b}, in parts of some panels by some columns. Prompt columns and generated ones
 * are multiplied apart, so that a column's bits depend on its phase alone and not on its company.
 */
final class LinearKernel implements Kernel {
  /** Multiply-adds of a part below which handing it out costs too much: some 10 microseconds. */
  private static final long SMALLEST_PART = 1 << 18;

  /**
   * Parts a thread at most: a thread that is held up leaves the rest to others. Few, since each
   * part copies the activations of its columns.
   */
  private static final int PARTS = 2;

  private final Panels panels;
  private final PanelProduct product;
  private final boolean logits;
  private final EnumSet<Phase> phases;
  private final float[] bias;
  private final MemorySegment out;
  private final int threads;
  private final Supplier<Work> works;

  /**
   * @param product in 8 bits, if it has that, for generated columns
   * @param logits whether rows of the output are logit rows rather than columns
   * @param phases whose columns are computed; the others' rows are another kernel's
   * @param bias (rows), or null
   * @param out F32 (columns or logit rows, rows)
   * @param threads how many may share the work
   */
  LinearKernel(
      PanelProduct product,
      boolean logits,
      EnumSet<Phase> phases,
      float[] bias,
      MemorySegment out,
      int threads,
      Supplier<Work> works) {
    this.panels = product.panels;
    this.product = product;
    this.logits = logits;
    this.phases = phases;
    this.bias = bias;
    this.out = out;
    this.threads = threads;
    this.works = works;
  }

  @Override
  public int parts(Batch batch) {
    return !hasColumns(batch) ? 0 : panelParts(batch) * columnTiles(batch);
  }

  private boolean hasColumns(Batch batch) {
    for (int row = 0; row < columns(batch); row++) {
      if (phases.contains(batch.phase(logits ? batch.logitColumn(row) : row))) {
        return true;
      }
    }
    return false;
  }

  private int columns(Batch batch) {
    return logits ? batch.logitRows() : batch.columns();
  }

  private int columnTiles(Batch batch) {
    return Math.ceilDiv(columns(batch), Work.COLUMNS);
  }

  /** A multiple of the threads, so that equal parts end together. */
  private int panelParts(Batch batch) {
    long columns = Math.min(columns(batch), Work.COLUMNS);
    long each = Math.max(1, (long) panels.rows * panels.cols * columns / threads);
    long parts = threads * Math.clamp(each / SMALLEST_PART, 1, PARTS);
    return Math.clamp(parts, 1, Math.max(1, panels.count()));
  }

  @Override
  public long work(Batch batch) {
    return (long) panels.rows * panels.cols * columns(batch);
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int tiles = columnTiles(batch);
    int parts = panelParts(batch);
    int first = (int) ((long) panels.count() * (part / tiles) / parts);
    int end = (int) ((long) panels.count() * (part / tiles + 1) / parts);
    int firstColumn = part % tiles * Work.COLUMNS;
    int endColumn = Math.min(firstColumn + Work.COLUMNS, columns(batch));
    Work work = works.get();
    if (phases.contains(Phase.PROMPT)) {
      int count = listColumns(batch, Phase.PROMPT, firstColumn, endColumn, work);
      product.run(first, end, count, false, work, worker, bias, out);
    }
    if (phases.contains(Phase.GENERATED)) {
      int count = listColumns(batch, Phase.GENERATED, firstColumn, endColumn, work);
      product.run(first, end, count, true, work, worker, bias, out);
    }
  }

  /** Lists the columns of one phase among the part's, and returns how many. */
  private int listColumns(Batch batch, Phase phase, int first, int end, Work work) {
    int count = 0;
    for (int row = first; row < end; row++) {
      int column = logits ? batch.logitColumn(row) : row;
      if (batch.phase(column) == phase) {
        work.inputs[count] = column;
        work.outputs[count++] = row;
      }
    }
    return count;
  }
}
