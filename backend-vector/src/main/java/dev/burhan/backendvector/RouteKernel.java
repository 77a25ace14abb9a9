package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The router of a mixture of experts. A part is a tile of columns. Always in F32: a rounding of
 * activations would choose other experts.
 */
final class RouteKernel implements Kernel {
  private static final int COLUMNS = 24;

  private final Panels gate;
  private final FloatProduct product;
  private final ExpertChoice choice;
  private final int top;
  private final MemorySegment chosen;
  private final MemorySegment weights;
  private final Supplier<Work> works;

  /**
   * @param gate (experts, cols)
   * @param chosen I32 (columns, top)
   * @param weights F32 (columns, top)
   */
  RouteKernel(
      Panels gate,
      FloatProduct product,
      ExpertChoice choice,
      int top,
      MemorySegment chosen,
      MemorySegment weights,
      Supplier<Work> works) {
    this.gate = gate;
    this.product = product;
    this.choice = choice;
    this.top = top;
    this.chosen = chosen;
    this.weights = weights;
    this.works = works;
  }

  @Override
  public int parts(Batch batch) {
    return Math.ceilDiv(batch.columns(), COLUMNS);
  }

  @Override
  public void run(Batch batch, int part, int worker) {
    Work work = works.get();
    int first = part * COLUMNS;
    int columns = Math.min(COLUMNS, batch.columns() - first);
    MixtureWork m = work.mixture;
    m.route(columns * gate.rows + choice.room(), top);
    for (int c = 0; c < columns; c++) {
      work.inputs[c] = first + c;
    }
    boolean whole = product.whole(columns);
    if (whole) {
      product.load(columns, work);
    }
    for (int panel = 0; panel < gate.count(); panel++) {
      Arrays.fill(work.sums, 0, product.sumsOf(columns), 0);
      if (whole) {
        product.addWhole(panel, columns, work, worker);
      } else {
        product.add(panel, 1, columns, work, worker);
      }
      keep(panel, columns, work, m.scores);
    }
    int scratch = (columns - 1) * gate.rows;
    for (int c = columns - 1; c >= 0; c--) { // scores of the last column make room for scratch
      int at = c * gate.rows;
      System.arraycopy(m.scores, at, m.scores, scratch, gate.rows);
      choice.score(m.scores, scratch);
      choice.choose(m.scores, scratch, m.chosen, m.weights);
      long to = 4L * (first + c) * top;
      MemorySegment.copy(m.chosen, 0, chosen, Memory.INT, to, top);
      MemorySegment.copy(m.weights, 0, weights, Memory.FLOAT, to, top);
    }
  }

  /** Moves a panel's sums to the rows of logits. */
  private void keep(int panel, int columns, Work work, float[] to) {
    int lanes = gate.type.lanes.rows();
    int row = gate.firstRow(panel);
    int rows = Math.min(lanes, gate.rows - row);
    for (int c = 0; c < columns; c++) {
      System.arraycopy(work.sums, c * lanes, to, c * gate.rows + row, rows);
    }
  }
}
