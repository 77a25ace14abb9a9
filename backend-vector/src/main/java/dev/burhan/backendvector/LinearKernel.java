package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Phase;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * {@code y = W x + b}, in parts of some rows by some columns. Prompt columns and generated ones go
 * through a product of their own, so that a column's bits depend on its phase alone and not on its
 * company.
 */
final class LinearKernel implements Kernel {
  private static final int BLOCK = Work.TILE * Work.TILES;

  /** Multiply-adds of a part at which handing it out costs little: some 30 microseconds. */
  private static final long DECODE_PART = 1 << 17;

  private static final long PREFILL_PART = 1 << 20;

  private final Matrix matrix;
  private final Product prompt;
  private final Product generated;
  private final boolean logits;
  private final MemorySegment bias;
  private final MemorySegment out;
  private final int threads;
  private final Supplier<Work> works;

  /**
   * @param prompt used for prompt columns
   * @param generated used for generated columns
   * @param logits whether rows of the output are logit rows rather than columns
   * @param bias F32 (rows), or null
   * @param out F32 (columns or logit rows, rows)
   * @param threads how many may share the work
   */
  LinearKernel(
      Matrix matrix,
      Product prompt,
      Product generated,
      boolean logits,
      MemorySegment bias,
      MemorySegment out,
      int threads,
      Supplier<Work> works) {
    this.matrix = matrix;
    this.prompt = prompt;
    this.generated = generated;
    this.logits = logits;
    this.bias = bias;
    this.out = out;
    this.threads = threads;
    this.works = works;
  }

  @Override
  public int parts(Batch batch) {
    int rows = rowsPerPart(batch);
    return (matrix.rows() + rows - 1) / rows * columnTiles(batch);
  }

  private int columns(Batch batch) {
    return logits ? batch.logitRows() : batch.columns();
  }

  private int columnTiles(Batch batch) {
    return (columns(batch) + Work.COLUMNS - 1) / Work.COLUMNS;
  }

  private int rowsPerPart(Batch batch) {
    int columns = Math.min(columns(batch), Work.COLUMNS);
    long work = columns > 1 ? PREFILL_PART : DECODE_PART;
    long perBlock = (long) matrix.cols() * Math.max(columns, 1) * BLOCK;
    long blocks = Math.max(1, work / perBlock);
    long fair = Math.max(1, matrix.rows() / ((long) BLOCK * threads));
    return (int) Math.min(Math.min(blocks, fair) * BLOCK, Math.max(matrix.rows(), 1));
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    int tiles = columnTiles(batch);
    int rows = rowsPerPart(batch);
    int firstRow = part / tiles * rows;
    int endRow = Math.min(firstRow + rows, matrix.rows());
    int firstColumn = part % tiles * Work.COLUMNS;
    int endColumn = Math.min(firstColumn + Work.COLUMNS, columns(batch));
    Work work = works.get();
    int count = listColumns(batch, Phase.PROMPT, firstColumn, endColumn, work);
    multiply(prompt, firstRow, endRow, count, work);
    count = listColumns(batch, Phase.GENERATED, firstColumn, endColumn, work);
    multiply(generated, firstRow, endRow, count, work);
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

  private void multiply(Product product, int first, int end, int columns, Work work) {
    if (columns == 0) {
      return;
    }
    for (int row = first; row < end; row += BLOCK) {
      int rows = Math.min(BLOCK, end - row);
      Arrays.fill(work.sums, 0, BLOCK * columns, 0);
      product.addTo(row, rows, columns, work);
      for (int tile = 0; tile < rows; tile += Work.TILE) {
        finish(row + tile, Math.min(Work.TILE, rows - tile), columns, work, tile * columns);
      }
    }
  }

  private void finish(int firstRow, int rows, int columns, Work work, int sums) {
    for (int c = 0; c < columns; c++) {
      long to = ((long) work.outputs[c] * matrix.rows() + firstRow) * 4;
      for (int row = 0; row < rows; row++) {
        float sum = work.sums[sums + c * Work.TILE + row];
        if (bias != null) {
          sum += bias.get(Memory.FLOAT, (firstRow + row) * 4L);
        }
        out.set(Memory.FLOAT, to + row * 4L, sum);
      }
    }
  }
}
