package dev.burhan.backendvector;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Floating point numbers: number {@code k} of each row, one row after another, then the next. BF16
 * is multiplied with one column and with two (a guessed token and the one before) without writing a
 * panel's numbers out first, by the steps of {@link FloatTile} in their order.
 */
final class FloatPanels extends PanelType {
  private final Widen widen;
  private final int bytes;

  // Multiply one column, two, or one by two panels, by numbers that are widened on the way; null if
  // there are none.
  private final Stage one;
  private final Stage two;
  private final Stage pair;

  FloatPanels(DataType type, Lanes lanes) {
    super(type, lanes);
    this.widen = Widen.of(type, lanes).orElseThrow();
    this.bytes = type.blockBytes();
    if (type.equals(DataType.BF16)) {
      one = (w, at, x, count, work) -> one(lanes, w, at, x, count, work);
      two = (w, at, x, count, work) -> two(lanes, w, at, x, count, work);
      pair = (w, at, next, count, work) -> pair(lanes, w, at, next, count, work);
    } else {
      one = null;
      two = null;
      pair = null;
    }
  }

  @Override
  void pack(byte[] in, int at, int cols, byte[] panel, int row, SplitBlock split) {
    int step = lanes.rows() * bytes;
    for (int i = 0; i < cols; i++) {
      for (int b = 0; b < bytes; b++) {
        panel[i * step + row * bytes + b] = in[at + i * bytes + b];
      }
    }
  }

  @Override
  void floats(MemorySegment w, long panel, int cols, int from, int count, Work work) {
    widen.widen(w, at(panel, from), count * lanes.rows(), work.floats, 0);
  }

  private long at(long panel, int from) {
    return panel + (long) from * lanes.rows() * bytes;
  }

  @Override
  void dot(MemorySegment w, long panel, int cols, int from, int count, Work work, int sums) {
    if (one == null) {
      super.dot(w, panel, cols, from, count, work, sums);
      return;
    }
    work.to = sums;
    Stage.run(one, w, at(panel, from), from, count, work);
  }

  @Override
  int dotChunk() {
    return one == null ? super.dotChunk() : Integer.MAX_VALUE;
  }

  @Override
  boolean takesTwo() {
    return two != null;
  }

  @Override
  void dotTwo(MemorySegment w, long panel, int cols, Work work, int sums) {
    work.to = sums;
    work.stride = cols;
    Stage.run(two, w, panel, 0, cols, work);
  }

  @Override
  void dotPair(MemorySegment w, long panel, int cols, Work work, int sums) {
    work.to = sums;
    Stage.run(pair, w, panel, Math.toIntExact(panelBytes(cols)), cols, work);
  }

  private static void one(Lanes lanes, MemorySegment w, long at, int x, int count, Work work) {
    int v = lanes.floats().length();
    FloatVector a = sum(lanes, work, 0);
    FloatVector b = sum(lanes, work, v);
    for (int k = 0; k < count; k++) {
      FloatVector in = FloatVector.broadcast(lanes.floats(), work.x[x + k]);
      a = brainFloat(lanes, w, at + k * 4L * v).fma(in, a);
      b = brainFloat(lanes, w, at + k * 4L * v + 2L * v).fma(in, b);
    }
    a.intoArray(work.sums, work.to);
    b.intoArray(work.sums, work.to + v);
  }

  private static void two(Lanes lanes, MemorySegment w, long at, int x, int count, Work work) {
    int v = lanes.floats().length();
    int other = x + work.stride;
    FloatVector a = sum(lanes, work, 0);
    FloatVector b = sum(lanes, work, v);
    FloatVector c = sum(lanes, work, 2 * v);
    FloatVector d = sum(lanes, work, 3 * v);
    for (int k = 0; k < count; k++) {
      FloatVector low = brainFloat(lanes, w, at + k * 4L * v);
      FloatVector high = brainFloat(lanes, w, at + k * 4L * v + 2L * v);
      FloatVector in = FloatVector.broadcast(lanes.floats(), work.x[x + k]);
      a = low.fma(in, a);
      b = high.fma(in, b);
      in = FloatVector.broadcast(lanes.floats(), work.x[other + k]);
      c = low.fma(in, c);
      d = high.fma(in, d);
    }
    a.intoArray(work.sums, work.to);
    b.intoArray(work.sums, work.to + v);
    c.intoArray(work.sums, work.to + 2 * v);
    d.intoArray(work.sums, work.to + 3 * v);
  }

  /** One panel's sums wait for one another, and two panels' fill the time. */
  private static void pair(Lanes lanes, MemorySegment w, long at, int next, int count, Work work) {
    int v = lanes.floats().length();
    FloatVector a = sum(lanes, work, 0);
    FloatVector b = sum(lanes, work, v);
    FloatVector c = sum(lanes, work, 2 * v);
    FloatVector d = sum(lanes, work, 3 * v);
    for (int k = 0; k < count; k++) {
      FloatVector in = FloatVector.broadcast(lanes.floats(), work.x[k]);
      long number = at + k * 4L * v;
      a = brainFloat(lanes, w, number).fma(in, a);
      b = brainFloat(lanes, w, number + 2L * v).fma(in, b);
      c = brainFloat(lanes, w, number + next).fma(in, c);
      d = brainFloat(lanes, w, number + next + 2L * v).fma(in, d);
    }
    a.intoArray(work.sums, work.to);
    b.intoArray(work.sums, work.to + v);
    c.intoArray(work.sums, work.to + 2 * v);
    d.intoArray(work.sums, work.to + 3 * v);
  }

  private static FloatVector sum(Lanes lanes, Work work, int at) {
    return FloatVector.fromArray(lanes.floats(), work.sums, work.to + at);
  }

  private static FloatVector brainFloat(Lanes lanes, MemorySegment w, long at) {
    return lanes.shortsAsInts(w, at).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }
}
