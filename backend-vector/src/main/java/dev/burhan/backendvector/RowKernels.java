package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import dev.burhan.backend.Batch;
import dev.burhan.backend.ColumnKernel;
import dev.burhan.graph.Op;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The small ops. Segments hold (columns, width) F32; their lengths were checked when the kernels
 * were made.
 */
final class RowKernels {
  private RowKernels() {}

  /** Divides groups of the gain's length by their root mean square. */
  static final class RmsNorm implements ColumnKernel {
    private final Lanes lanes;
    private final MemorySegment x;
    private final MemorySegment gain;
    private final MemorySegment out;
    private final int width;
    private final int group;
    private final float epsilon;
    private final Supplier<Work> works;

    RmsNorm(
        Lanes lanes,
        MemorySegment x,
        MemorySegment gain,
        MemorySegment out,
        int width,
        int group,
        float epsilon,
        Supplier<Work> works) {
      this.lanes = lanes;
      this.x = x;
      this.gain = gain;
      this.out = out;
      this.width = width;
      this.group = group;
      this.epsilon = epsilon;
      this.works = works;
    }

    @Override
    public void column(Batch batch, int column, int worker) {
      long row = 4L * column * width;
      for (int from = 0; from < width; from += group) {
        float squares = squares(row + from * 4L, works.get().vectors);
        float factor = (float) (1 / Math.sqrt(squares / group + epsilon));
        scale(row + from * 4L, factor);
      }
    }

    private float squares(long at, float[] vectors) {
      FloatVector sum = FloatVector.zero(lanes.floats());
      int i = 0;
      for (; i <= group - lanes.floats().length(); i += lanes.floats().length()) {
        FloatVector part = FloatVector.fromMemorySegment(lanes.floats(), x, at + i * 4L, LE);
        sum = part.fma(part, sum);
      }
      if (i < group) {
        VectorMask<Float> mask = lanes.floats().indexInRange(i, group);
        FloatVector part = FloatVector.fromMemorySegment(lanes.floats(), x, at + i * 4L, LE, mask);
        sum = part.fma(part, sum);
      }
      sum.intoArray(vectors, 0);
      return lanes.sum(vectors, 0);
    }

    private void scale(long at, float factor) {
      int i = 0;
      for (; i <= group - lanes.floats().length(); i += lanes.floats().length()) {
        FloatVector part = FloatVector.fromMemorySegment(lanes.floats(), x, at + i * 4L, LE);
        FloatVector gains = FloatVector.fromMemorySegment(lanes.floats(), gain, i * 4L, LE);
        part.mul(factor).mul(gains).intoMemorySegment(out, at + i * 4L, LE);
      }
      for (; i < group; i++) {
        float number = x.get(Memory.FLOAT, at + i * 4L) * factor * gain.get(Memory.FLOAT, i * 4L);
        out.set(Memory.FLOAT, at + i * 4L, number);
      }
    }
  }

  /** Turns pairs by their position's angle, which is computed in double precision. */
  static final class Rope implements ColumnKernel {
    private final Lanes lanes;
    private final Op.Rope op;
    private final MemorySegment x;
    private final MemorySegment out;
    private final Supplier<Work> works;

    Rope(Lanes lanes, Op.Rope op, MemorySegment x, MemorySegment out, Supplier<Work> works) {
      this.lanes = lanes;
      this.op = op;
      this.x = x;
      this.out = out;
      this.works = works;
    }

    @Override
    public void column(Batch batch, int column, int worker) {
      RopeAngles angles = works.get().angles;
      int turns = angles.at(op, batch.position(column));
      int width = op.heads() * op.headDim();
      long row = 4L * column * width;
      if (2 * op.frequencies().size() < op.headDim()) {
        MemorySegment.copy(x, row, out, row, 4L * width);
      }
      for (int head = 0; head < op.heads(); head++) {
        long at = row + 4L * head * op.headDim() + 4L * op.offset();
        int whole = op.interleaved() ? 0 : halves(at, angles.turns(), turns);
        pairs(at, angles.turns(), turns, whole);
      }
    }

    /** Turns whole vectors of pairs whose numbers are apart; returns how many pairs. */
    private int halves(long at, float[] turns, int cosines) {
      int count = op.frequencies().size();
      int sines = cosines + count;
      int pair = 0;
      for (; pair <= count - lanes.floats().length(); pair += lanes.floats().length()) {
        FloatVector cos = FloatVector.fromArray(lanes.floats(), turns, cosines + pair);
        FloatVector sin = FloatVector.fromArray(lanes.floats(), turns, sines + pair);
        long one = at + 4L * pair;
        long other = one + 4L * count;
        FloatVector first = FloatVector.fromMemorySegment(lanes.floats(), x, one, LE);
        FloatVector second = FloatVector.fromMemorySegment(lanes.floats(), x, other, LE);
        first.mul(cos).sub(second.mul(sin)).intoMemorySegment(out, one, LE);
        first.mul(sin).add(second.mul(cos)).intoMemorySegment(out, other, LE);
      }
      return pair;
    }

    private void pairs(long at, float[] turns, int cosines, int from) {
      int count = op.frequencies().size();
      long stride = op.interleaved() ? 8 : 4;
      long other = op.interleaved() ? 4 : 4L * count;
      for (int pair = from; pair < count; pair++) {
        float cos = turns[cosines + pair];
        float sin = turns[cosines + count + pair];
        float first = x.get(Memory.FLOAT, at + pair * stride);
        float second = x.get(Memory.FLOAT, at + pair * stride + other);
        out.set(Memory.FLOAT, at + pair * stride, first * cos - second * sin);
        out.set(Memory.FLOAT, at + pair * stride + other, first * sin + second * cos);
      }
    }
  }

  /** {@code silu(gate) * up}. */
  static final class SwiGlu implements ColumnKernel {
    /** Numbers at once: half of the scratch that is used. */
    private static final int CHUNK = Work.CHUNK * Work.ROWS / 2;

    private final Lanes lanes;
    private final MemorySegment gate;
    private final MemorySegment up;
    private final MemorySegment out;
    private final int width;
    private final Supplier<Work> works;

    SwiGlu(
        Lanes lanes,
        MemorySegment gate,
        MemorySegment up,
        MemorySegment out,
        int width,
        Supplier<Work> works) {
      this.lanes = lanes;
      this.gate = gate;
      this.up = up;
      this.out = out;
      this.width = width;
      this.works = works;
    }

    @Override
    public void column(Batch batch, int column, int worker) {
      float[] numbers = works.get().floats;
      long row = 4L * column * width;
      for (int from = 0; from < width; from += CHUNK) {
        int count = Math.min(CHUNK, width - from);
        MemorySegment.copy(gate, Memory.FLOAT, row + from * 4L, numbers, 0, count);
        MemorySegment.copy(up, Memory.FLOAT, row + from * 4L, numbers, CHUNK, count);
        multiply(numbers, count);
        MemorySegment.copy(numbers, 0, out, Memory.FLOAT, row + from * 4L, count);
      }
    }

    /** Up to a whole vector: what lies behind the numbers is computed, too, and not used. */
    private void multiply(float[] numbers, int count) {
      for (int i = 0; i < count; i += lanes.floats().length()) {
        FloatVector x = FloatVector.fromArray(lanes.floats(), numbers, i);
        FloatVector y = FloatVector.fromArray(lanes.floats(), numbers, CHUNK + i);
        x.div(Exponential.of(x.neg(), lanes).add(1)).mul(y).intoArray(numbers, i);
      }
    }
  }

  /** Adds two values. */
  static final class Add implements ColumnKernel {
    private final Lanes lanes;
    private final MemorySegment a;
    private final MemorySegment b;
    private final MemorySegment out;
    private final int width;

    Add(Lanes lanes, MemorySegment a, MemorySegment b, MemorySegment out, int width) {
      this.lanes = lanes;
      this.a = a;
      this.b = b;
      this.out = out;
      this.width = width;
    }

    @Override
    public void column(Batch batch, int column, int worker) {
      long row = 4L * column * width;
      int whole = width - width % lanes.floats().length();
      for (int i = 0; i < whole; i += lanes.floats().length()) {
        long at = row + i * 4L;
        FloatVector first = FloatVector.fromMemorySegment(lanes.floats(), a, at, LE);
        FloatVector second = FloatVector.fromMemorySegment(lanes.floats(), b, at, LE);
        first.add(second).intoMemorySegment(out, at, LE);
      }
      for (int i = whole; i < width; i++) {
        long at = row + i * 4L;
        out.set(Memory.FLOAT, at, a.get(Memory.FLOAT, at) + b.get(Memory.FLOAT, at));
      }
    }
  }

  /** Copies a part of each row: slices, and one part of a concatenation. */
  static final class Copy implements ColumnKernel {
    private final MemorySegment[] from;
    private final int[] fromWidth;
    private final int[] first;
    private final int[] count;
    private final MemorySegment out;
    private final int width;

    /**
     * Part p of an output row is {@code count[p]} numbers of {@code from[p]}, whose rows are {@code
     * fromWidth[p]} wide, from {@code first[p]} on.
     */
    Copy(
        MemorySegment[] from,
        int[] fromWidth,
        int[] first,
        int[] count,
        MemorySegment out,
        int width) {
      this.from = from;
      this.fromWidth = fromWidth;
      this.first = first;
      this.count = count;
      this.out = out;
      this.width = width;
    }

    @Override
    public void column(Batch batch, int column, int worker) {
      long to = 4L * column * width;
      for (int part = 0; part < from.length; part++) {
        long at = 4L * column * fromWidth[part] + 4L * first[part];
        MemorySegment.copy(from[part], at, out, to, 4L * count[part]);
        to += 4L * count[part];
      }
    }
  }
}
