package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The F32 product of signed bytes, (count, rows) of a panel with a scale for each 32 of a row, with
 * eight or four columns {@code work.x}, {@code work.stride} numbers apart. Bytes become floats in
 * registers and are multiplied with all columns at once: on the way through memory, as {@link
 * FloatTile} wants them, they cost as much again. The same steps in the same order, so the same
 * bits.
 *
 * <p>Each stretch of bytes is read once before: a tile has so much to do with a line of the cache
 * that the processor has only the next few in sight, and waits for each of them anew where it does
 * not guess them (8 columns on an Intel Xeon with AVX-512-FP16: 27 G multiply-adds a second and
 * thread without, 36 with it, 60 of bytes in the nearest cache).
 *
 * <p>Scales are read anew for each number: a loop over groups around the loop over numbers would
 * bring activations into all lanes by way of general registers. Sums are loaded by the API's own
 * methods, which C2 always inlines: with a method of ours around them two of four runs were at a
 * tenth of the speed, as where sums come into the loop as objects.
 */
final class ByteTile {
  /** Most columns that this is faster for than unpacking once for all tiles. */
  static final int MOST = 16;

  private static final int GROUP_BITS = 5;
  private static final int WIDE = 8;
  private static final int NARROW = 4;

  /** Numbers of each row that are read before they are multiplied: a part of the nearest cache. */
  private static final int STRETCH = 128;

  /** Bytes of a line of the cache. */
  private static final int LINE = 64;

  /** Lanes of the processors that have registers for two vectors of eight sums, and more. */
  private static final int LANES_OF_WIDE = 16;

  private final int rows;
  private final boolean hasWide;
  private final Stage touch;
  private final Stage eight;
  private final Stage four;

  ByteTile(Lanes lanes) {
    this.rows = lanes.rows();
    this.hasWide = lanes.floats().length() >= LANES_OF_WIDE;
    this.touch = (w, at, x, count, work) -> touch(w, at, count, work);
    this.eight = (w, at, x, count, work) -> eight(lanes, w, at, x, count, work);
    this.four = (w, at, x, count, work) -> four(lanes, w, at, x, count, work);
  }

  /** Columns of which sums are written, and activations read, where so many are asked for. */
  static int padded(int columns) {
    return Math.ceilDiv(columns, NARROW) * NARROW;
  }

  /**
   * Adds to the sums of so many columns, {@code work.sums} ({@link #padded} columns, rows).
   *
   * @param at where the first number is
   * @param first which of the columns' numbers that is
   */
  void multiply(MemorySegment w, long at, int first, int count, int columns, Work work) {
    for (int from = 0; from < count; from += STRETCH) {
      int some = Math.min(STRETCH, count - from);
      long bytes = at + (long) from * rows;
      Stage.run(touch, w, bytes, 0, some * rows / LINE, work);
      work.group = from >>> GROUP_BITS;
      stretch(w, bytes, first + from, some, columns, work);
    }
  }

  private void stretch(MemorySegment w, long at, int first, int count, int columns, Work work) {
    for (int c = 0; c < columns; ) {
      boolean wide = hasWide && columns - c > NARROW;
      work.to = c * rows;
      Stage.run(wide ? eight : four, w, at, c * work.stride + first, count, work);
      c += wide ? WIDE : NARROW;
    }
  }

  private static void touch(MemorySegment w, long at, int lines, Work work) {
    int sum = 0;
    for (int i = 0; i < lines; i++) {
      sum += w.get(Memory.INT, at + (long) i * LINE);
    }
    work.touched = sum;
  }

  private static void eight(Lanes lanes, MemorySegment w, long at, int x, int count, Work work) {
    int rows = lanes.rows();
    VectorSpecies<Float> f = lanes.floats();
    int v = f.length();
    int stride = work.stride;
    float[] y = work.sums;
    int to = work.to;
    float[] in = work.x;
    int group = work.group * rows;
    FloatVector a0 = FloatVector.fromArray(f, y, to);
    FloatVector b0 = FloatVector.fromArray(f, y, to + v);
    FloatVector a1 = FloatVector.fromArray(f, y, to + rows);
    FloatVector b1 = FloatVector.fromArray(f, y, to + rows + v);
    FloatVector a2 = FloatVector.fromArray(f, y, to + 2 * rows);
    FloatVector b2 = FloatVector.fromArray(f, y, to + 2 * rows + v);
    FloatVector a3 = FloatVector.fromArray(f, y, to + 3 * rows);
    FloatVector b3 = FloatVector.fromArray(f, y, to + 3 * rows + v);
    FloatVector a4 = FloatVector.fromArray(f, y, to + 4 * rows);
    FloatVector b4 = FloatVector.fromArray(f, y, to + 4 * rows + v);
    FloatVector a5 = FloatVector.fromArray(f, y, to + 5 * rows);
    FloatVector b5 = FloatVector.fromArray(f, y, to + 5 * rows + v);
    FloatVector a6 = FloatVector.fromArray(f, y, to + 6 * rows);
    FloatVector b6 = FloatVector.fromArray(f, y, to + 6 * rows + v);
    FloatVector a7 = FloatVector.fromArray(f, y, to + 7 * rows);
    FloatVector b7 = FloatVector.fromArray(f, y, to + 7 * rows + v);
    for (int k = 0; k < count; k++) {
      int scale = group + (k >>> GROUP_BITS) * rows;
      FloatVector d = FloatVector.fromArray(f, work.scales, scale);
      FloatVector a = lanes.toFloats(lanes.signedBytesAsInts(w, at + (long) k * rows)).mul(d);
      d = FloatVector.fromArray(f, work.scales, scale + v);
      FloatVector b = lanes.toFloats(lanes.signedBytesAsInts(w, at + (long) k * rows + v)).mul(d);
      int i = x + k;
      FloatVector x0 = FloatVector.broadcast(f, in[i]);
      a0 = a.fma(x0, a0);
      b0 = b.fma(x0, b0);
      FloatVector x1 = FloatVector.broadcast(f, in[i + stride]);
      a1 = a.fma(x1, a1);
      b1 = b.fma(x1, b1);
      FloatVector x2 = FloatVector.broadcast(f, in[i + 2 * stride]);
      a2 = a.fma(x2, a2);
      b2 = b.fma(x2, b2);
      FloatVector x3 = FloatVector.broadcast(f, in[i + 3 * stride]);
      a3 = a.fma(x3, a3);
      b3 = b.fma(x3, b3);
      FloatVector x4 = FloatVector.broadcast(f, in[i + 4 * stride]);
      a4 = a.fma(x4, a4);
      b4 = b.fma(x4, b4);
      FloatVector x5 = FloatVector.broadcast(f, in[i + 5 * stride]);
      a5 = a.fma(x5, a5);
      b5 = b.fma(x5, b5);
      FloatVector x6 = FloatVector.broadcast(f, in[i + 6 * stride]);
      a6 = a.fma(x6, a6);
      b6 = b.fma(x6, b6);
      FloatVector x7 = FloatVector.broadcast(f, in[i + 7 * stride]);
      a7 = a.fma(x7, a7);
      b7 = b.fma(x7, b7);
    }
    a0.intoArray(y, to);
    b0.intoArray(y, to + v);
    a1.intoArray(y, to + rows);
    b1.intoArray(y, to + rows + v);
    a2.intoArray(y, to + 2 * rows);
    b2.intoArray(y, to + 2 * rows + v);
    a3.intoArray(y, to + 3 * rows);
    b3.intoArray(y, to + 3 * rows + v);
    a4.intoArray(y, to + 4 * rows);
    b4.intoArray(y, to + 4 * rows + v);
    a5.intoArray(y, to + 5 * rows);
    b5.intoArray(y, to + 5 * rows + v);
    a6.intoArray(y, to + 6 * rows);
    b6.intoArray(y, to + 6 * rows + v);
    a7.intoArray(y, to + 7 * rows);
    b7.intoArray(y, to + 7 * rows + v);
  }

  private static void four(Lanes lanes, MemorySegment w, long at, int x, int count, Work work) {
    int rows = lanes.rows();
    VectorSpecies<Float> f = lanes.floats();
    int v = f.length();
    int stride = work.stride;
    float[] y = work.sums;
    int to = work.to;
    float[] in = work.x;
    int group = work.group * rows;
    FloatVector a0 = FloatVector.fromArray(f, y, to);
    FloatVector b0 = FloatVector.fromArray(f, y, to + v);
    FloatVector a1 = FloatVector.fromArray(f, y, to + rows);
    FloatVector b1 = FloatVector.fromArray(f, y, to + rows + v);
    FloatVector a2 = FloatVector.fromArray(f, y, to + 2 * rows);
    FloatVector b2 = FloatVector.fromArray(f, y, to + 2 * rows + v);
    FloatVector a3 = FloatVector.fromArray(f, y, to + 3 * rows);
    FloatVector b3 = FloatVector.fromArray(f, y, to + 3 * rows + v);
    for (int k = 0; k < count; k++) {
      int scale = group + (k >>> GROUP_BITS) * rows;
      FloatVector d = FloatVector.fromArray(f, work.scales, scale);
      FloatVector a = lanes.toFloats(lanes.signedBytesAsInts(w, at + (long) k * rows)).mul(d);
      d = FloatVector.fromArray(f, work.scales, scale + v);
      FloatVector b = lanes.toFloats(lanes.signedBytesAsInts(w, at + (long) k * rows + v)).mul(d);
      int i = x + k;
      FloatVector x0 = FloatVector.broadcast(f, in[i]);
      a0 = a.fma(x0, a0);
      b0 = b.fma(x0, b0);
      FloatVector x1 = FloatVector.broadcast(f, in[i + stride]);
      a1 = a.fma(x1, a1);
      b1 = b.fma(x1, b1);
      FloatVector x2 = FloatVector.broadcast(f, in[i + 2 * stride]);
      a2 = a.fma(x2, a2);
      b2 = b.fma(x2, b2);
      FloatVector x3 = FloatVector.broadcast(f, in[i + 3 * stride]);
      a3 = a.fma(x3, a3);
      b3 = b.fma(x3, b3);
    }
    a0.intoArray(y, to);
    b0.intoArray(y, to + v);
    a1.intoArray(y, to + rows);
    b1.intoArray(y, to + rows + v);
    a2.intoArray(y, to + 2 * rows);
    b2.intoArray(y, to + 2 * rows + v);
    a3.intoArray(y, to + 3 * rows);
    b3.intoArray(y, to + 3 * rows + v);
  }
}
