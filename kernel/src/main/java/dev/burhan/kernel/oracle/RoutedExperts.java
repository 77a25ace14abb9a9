package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.oracle.Arrays32.dot;
import static dev.burhan.kernel.oracle.Arrays32.get;
import static dev.burhan.kernel.oracle.Arrays32.get64;
import static dev.burhan.kernel.oracle.Arrays32.set;
import static dev.burhan.kernel.oracle.Arrays32.set64;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;

/** The chosen experts' outputs, weighted and summed in order of rank. A part is one column. */
final class RoutedExperts implements Kernel {
  private final int cols;
  private final int inner;
  private final int top;
  private final MemorySegment in; // (columns, cols)
  private final MemorySegment chosen; // (columns, top) I32
  private final MemorySegment weights; // (columns, top)
  private final MemorySegment out; // (columns, cols)
  private final WeightRows gate; // (experts * inner, cols)
  private final WeightRows up; // (experts * inner, cols)
  private final WeightRows down; // (experts * cols, inner)
  private final Scratch row; // (max(cols, inner))
  private final Scratch hidden; // (inner)
  private final Scratch sums; // (cols) doubles

  RoutedExperts(Op.Experts op, Node node, Bindings bindings) {
    this.in = bindings.value(node.in().get(0));
    this.chosen = bindings.value(node.in().get(1));
    this.weights = bindings.value(node.in().get(2));
    this.out = bindings.value(node.out().getFirst());
    this.gate = WeightRows.of(op.gate(), bindings);
    this.up = WeightRows.of(op.up(), bindings);
    this.down = WeightRows.of(op.down(), bindings);
    this.cols = gate.cols();
    this.inner = down.cols();
    this.top = node.in().get(1).width();
    ScratchArrays arrays = new ScratchArrays();
    this.row = arrays.floats(Math.max(cols, inner));
    this.hidden = arrays.floats(inner);
    this.sums = arrays.doubles(cols);
    arrays.bind(bindings);
  }

  @Override
  public int parts(Batch batch) {
    return batch.columns();
  }

  @Override
  public void run(Batch batch, int column, int worker) {
    MemorySegment sum = sums.of(worker);
    for (int i = 0; i < cols; i++) {
      set64(sum, i, 0);
    }
    for (int rank = 0; rank < top; rank++) {
      long at = (long) column * top + rank;
      expert(column, chosen.getAtIndex(JAVA_INT, at), get(weights, at), worker);
    }
    for (int i = 0; i < cols; i++) {
      set(out, (long) column * cols + i, get64(sum, i));
    }
  }

  /** sum += weight * down(silu(gate x) * up x) */
  private void expert(int column, long expert, double weight, int worker) {
    MemorySegment w = row.of(worker);
    MemorySegment h = hidden.of(worker);
    MemorySegment sum = sums.of(worker);
    long x = (long) column * cols;
    for (int i = 0; i < inner; i++) {
      gate.read(expert * inner + i, w, 0);
      double g = dot(w, 0, in, x, cols);
      up.read(expert * inner + i, w, 0);
      set(h, i, Arrays32.silu(g) * dot(w, 0, in, x, cols));
    }
    for (int i = 0; i < cols; i++) {
      down.read(expert * cols + i, w, 0);
      set64(sum, i, get64(sum, i) + weight * dot(w, 0, h, 0, inner));
    }
  }
}
