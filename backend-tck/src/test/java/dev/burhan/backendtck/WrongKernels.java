package dev.burhan.backendtck;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.HostKernels;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.backend.Kernel;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.Resident;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.tensor.Dequantiser;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;

/** The oracle with products of its own, which a test makes wrong in some way. */
class WrongKernels implements HostKernelsProvider {

  /** The sum of a row's products. */
  @FunctionalInterface
  interface Dot {
    /**
     * Sums up.
     *
     * @param columns how many columns the step has
     */
    float dot(float[] w, float[] x, int columns);
  }

  private final Dot dot;

  WrongKernels(Dot dot) {
    this.dot = dot;
  }

  /** As it should be: one sum from first to last. */
  static float right(float[] w, float[] x, int columns) {
    float sum = 0;
    for (int i = 0; i < w.length; i++) {
      sum = Math.fma(w[i], x[i], sum);
    }
    return sum;
  }

  @Override
  public String name() {
    return "wrong";
  }

  @Override
  public HostKernels open(Map<String, String> options) {
    return new Library(new OracleProvider().open(options));
  }

  /** Whether it has a kernel of a node. */
  boolean supports(Node node, HostKernels oracle) {
    return oracle.supports(node);
  }

  Numerics numerics() {
    return new Numerics("wrong/1", true);
  }

  /** Told when a product is bound. */
  void bound(Resident weight) {}

  private final class Library implements HostKernels {
    private final HostKernels oracle;

    Library(HostKernels oracle) {
      this.oracle = oracle;
    }

    @Override
    public Numerics numerics() {
      return WrongKernels.this.numerics();
    }

    @Override
    public boolean supports(Node node) {
      return WrongKernels.this.supports(node, oracle);
    }

    @Override
    public Optional<Kernel> bind(Node node, Bindings bindings) {
      return node.op() instanceof Op.Linear op
          ? Optional.of(new Product(op, node, bindings))
          : oracle.bind(node, bindings);
    }

    @Override
    public void close() {
      oracle.close();
    }
  }

  /** A part is a column. */
  private final class Product implements Kernel {
    private final float[][] weight; // (rows, cols)
    private final float[] bias; // (rows)
    private final MemorySegment in; // (columns, cols)
    private final MemorySegment out; // (columns, rows)

    Product(Op.Linear op, Node node, Bindings bindings) {
      Resident resident = bindings.weight(op.weight());
      bound(resident);
      int cols = Math.toIntExact(op.weight().shape().cols());
      weight = new float[Math.toIntExact(op.weight().shape().rows())][];
      for (int row = 0; row < weight.length; row++) {
        weight[row] =
            Dequantiser.decode(
                op.weight().type(), cols, resident.segment(), row * op.weight().type().bytes(cols));
      }
      bias =
          op.bias()
              .map(with -> bindings.weight(with).segment().toArray(JAVA_FLOAT))
              .orElseGet(() -> new float[weight.length]);
      in = bindings.value(node.in().getFirst());
      out = bindings.value(node.out().getFirst());
    }

    @Override
    public int parts(Batch batch) {
      return batch.columns();
    }

    @Override
    public void run(Batch batch, int column, int worker) {
      int cols = weight[0].length;
      float[] x = in.asSlice(4L * column * cols, 4L * cols).toArray(JAVA_FLOAT);
      for (int row = 0; row < weight.length; row++) {
        float sum = dot.dot(weight[row], x, batch.columns()) + bias[row];
        out.setAtIndex(JAVA_FLOAT, (long) column * weight.length + row, sum);
      }
    }
  }
}
