package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.oracle.Arrays32.dot;
import static dev.burhan.kernel.oracle.Arrays32.get;
import static dev.burhan.kernel.oracle.Arrays32.set;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Scratch;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Optional;

/** Embedding and matrix products. */
final class MatrixKernels {
  /** Weight rows a part: each is dequantised once for all columns. */
  private static final int ROWS_PER_PART = 64;

  private MatrixKernels() {}

  static Kernel embed(Op.Embed op, Node node, Bindings bindings) {
    WeightRows table = WeightRows.of(op.table(), bindings); // (vocabulary, width)
    MemorySegment out = bindings.value(node.out().getFirst()); // (columns, width)
    return new Kernel() {
      @Override
      public int parts(Batch batch) {
        return batch.columns();
      }

      @Override
      public void run(Batch batch, int column, int worker) {
        table.read(batch.token(column), out, column * table.f32Bytes());
      }
    };
  }

  /** A product for the columns of these phases; the others' rows are left as they are. */
  static Kernel linear(Op.Linear op, Node node, Bindings bindings, EnumSet<Phase> phases) {
    return new Product(
        WeightRows.of(op.weight(), bindings),
        op.bias().map(bias -> WeightRows.of(bias, bindings).segment()),
        node,
        bindings,
        false,
        phases);
  }

  static Kernel logits(Op.Logits op, Node node, Bindings bindings) {
    return new Product(
        WeightRows.of(op.head(), bindings),
        Optional.empty(),
        node,
        bindings,
        true,
        EnumSet.allOf(Phase.class));
  }

  /** {@code y = W x + b} for each column, or only for those whose logits are wanted. */
  private static final class Product implements Kernel {
    private final WeightRows weight; // (rows, cols)
    private final Optional<MemorySegment> bias; // (rows)
    private final MemorySegment in; // (columns, cols)
    private final MemorySegment out; // (columns or logit rows, rows)
    private final Scratch scratch; // (cols)
    private final boolean logits;
    private final EnumSet<Phase> phases;

    Product(
        WeightRows weight,
        Optional<MemorySegment> bias,
        Node node,
        Bindings bindings,
        boolean logits,
        EnumSet<Phase> phases) {
      this.weight = weight;
      this.bias = bias;
      this.in = bindings.value(node.in().getFirst());
      this.out = bindings.value(node.out().getFirst());
      this.scratch = bindings.scratch(weight.f32Bytes());
      this.logits = logits;
      this.phases = phases;
    }

    private int outRows(Batch batch) {
      return logits ? batch.logitRows() : batch.columns();
    }

    @Override
    public int parts(Batch batch) {
      return outRows(batch) == 0 ? 0 : Math.ceilDiv(weight.rows(), ROWS_PER_PART);
    }

    @Override
    public void run(Batch batch, int part, int worker) {
      MemorySegment w = scratch.of(worker); // one row of the weight
      int until = Math.min(weight.rows(), (part + 1) * ROWS_PER_PART);
      for (int row = part * ROWS_PER_PART; row < until; row++) {
        weight.read(row, w, 0);
        double offset = bias.isPresent() ? get(bias.get(), row) : 0;
        for (int y = 0; y < outRows(batch); y++) {
          int column = logits ? batch.logitColumn(y) : y;
          if (!phases.contains(batch.phase(column))) {
            continue;
          }
          double sum = dot(w, 0, in, (long) column * weight.cols(), weight.cols());
          set(out, (long) y * weight.rows() + row, sum + offset);
        }
      }
    }
  }
}
