package dev.burhan.kernel.oracle;

import static dev.burhan.kernel.oracle.Arrays32.get;
import static dev.burhan.kernel.oracle.Arrays32.rows;
import static dev.burhan.kernel.oracle.Arrays32.set;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Bindings;
import dev.burhan.backend.Kernel;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Ops that work on one row at a time: a part is a row. */
final class RowKernels {
  private RowKernels() {}

  @FunctionalInterface
  private interface RowFunction {
    void apply(Batch batch, int row);
  }

  private static Kernel eachRow(Value value, RowFunction function) {
    return new Kernel() {
      @Override
      public int parts(Batch batch) {
        return rows(value, batch);
      }

      @Override
      public void run(Batch batch, int part, int worker) {
        function.apply(batch, part);
      }
    };
  }

  static Kernel rmsNorm(Op.RmsNorm op, Node node, Bindings bindings) {
    MemorySegment in = bindings.value(node.in().getFirst()); // (rows, width)
    MemorySegment out = bindings.value(node.out().getFirst()); // (rows, width)
    WeightRows gain = WeightRows.of(op.gain(), bindings); // (group), F32
    int width = node.out().getFirst().width();
    int group = gain.rows() * gain.cols();
    return eachRow(
        node.out().getFirst(),
        (_, row) -> {
          for (int g = 0; g < width; g += group) {
            long at = (long) row * width + g;
            double squares = Arrays32.dot(in, at, in, at, group);
            double factor = 1 / Math.sqrt(squares / group + op.epsilon());
            for (int i = 0; i < group; i++) {
              set(out, at + i, get(in, at + i) * factor * get(gain.segment(), i));
            }
          }
        });
  }

  static Kernel rope(Op.Rope op, Node node, Bindings bindings) {
    MemorySegment in = bindings.value(node.in().getFirst()); // (columns, heads, headDim)
    MemorySegment out = bindings.value(node.out().getFirst()); // (columns, heads, headDim)
    return eachRow(
        node.out().getFirst(),
        (batch, column) -> {
          for (int head = 0; head < op.heads(); head++) {
            long at = ((long) column * op.heads() + head) * op.headDim();
            for (int i = 0; i < op.headDim(); i++) {
              set(out, at + i, get(in, at + i));
            }
            rotate(op, batch.position(column), in, out, at + op.offset());
          }
        });
  }

  private static void rotate(
      Op.Rope op, int position, MemorySegment in, MemorySegment out, long at) {
    InverseFrequencies frequencies = op.frequencies();
    int pairs = frequencies.size();
    for (int j = 0; j < pairs; j++) {
      float angle = position * frequencies.at(j); // in F32, as the models were trained
      float cos = (float) (Math.cos(angle) * op.scale());
      float sin = (float) (Math.sin(angle) * op.scale());
      long first = op.interleaved() ? at + 2 * j : at + j;
      long second = op.interleaved() ? at + 2 * j + 1 : at + j + pairs;
      double x = get(in, first);
      double y = get(in, second);
      set(out, first, x * cos - y * sin);
      set(out, second, x * sin + y * cos);
    }
  }

  static Kernel swiGlu(Node node, Bindings bindings) {
    MemorySegment gate = bindings.value(node.in().get(0)); // (rows, width)
    MemorySegment up = bindings.value(node.in().get(1)); // (rows, width)
    MemorySegment out = bindings.value(node.out().getFirst()); // (rows, width)
    int width = node.out().getFirst().width();
    return eachRow(
        node.out().getFirst(),
        (_, row) -> {
          for (long i = (long) row * width; i < (row + 1L) * width; i++) {
            set(out, i, Arrays32.silu(get(gate, i)) * get(up, i));
          }
        });
  }

  static Kernel add(Node node, Bindings bindings) {
    MemorySegment a = bindings.value(node.in().get(0)); // (rows, width)
    MemorySegment b = bindings.value(node.in().get(1)); // (rows, width)
    MemorySegment out = bindings.value(node.out().getFirst()); // (rows, width)
    int width = node.out().getFirst().width();
    return eachRow(
        node.out().getFirst(),
        (_, row) -> {
          for (long i = (long) row * width; i < (row + 1L) * width; i++) {
            set(out, i, get(a, i) + get(b, i));
          }
        });
  }

  static Kernel slice(Op.Slice op, Node node, Bindings bindings) {
    MemorySegment in = bindings.value(node.in().getFirst()); // (rows, inWidth)
    MemorySegment out = bindings.value(node.out().getFirst()); // (rows, outWidth)
    long inWidth = 4L * node.in().getFirst().width();
    long outWidth = 4L * node.out().getFirst().width();
    return eachRow(
        node.out().getFirst(),
        (_, row) ->
            MemorySegment.copy(in, row * inWidth + 4L * op.from(), out, row * outWidth, outWidth));
  }

  static Kernel concat(Node node, Bindings bindings) {
    List<Value> parts = node.in();
    List<MemorySegment> in = parts.stream().map(bindings::value).toList(); // (rows, width) each
    MemorySegment out = bindings.value(node.out().getFirst()); // (rows, sum of widths)
    long outWidth = 4L * node.out().getFirst().width();
    return eachRow(
        node.out().getFirst(),
        (_, row) -> {
          long to = row * outWidth;
          for (int i = 0; i < parts.size(); i++) {
            long width = 4L * parts.get(i).width();
            MemorySegment.copy(in.get(i), row * width, out, to, width);
            to += width;
          }
        });
  }
}
