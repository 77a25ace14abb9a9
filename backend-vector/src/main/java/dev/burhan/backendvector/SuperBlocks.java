package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The types with super-blocks of 256 (K-quants): see {@link dev.burhan.tensor.DataType} for their
 * formats. Scales and mins of a whole row are unpacked first, then numbers, in loops of their own:
 * each stays small enough to be compiled well.
 */
abstract class SuperBlocks extends Quantised {
  static final int SUPER = 256;
  static final long EACH_LOW2 = 0x0303_0303_0303_0303L;
  static final long EACH_LOW4 = 0x0f0f_0f0f_0f0f_0f0fL;
  private static final int EACH_LOW6 = 0x3f3f3f3f;

  private final int bytes;
  private final boolean hasMins;

  /**
   * @param bytes of a super-block
   */
  SuperBlocks(Lanes lanes, int bytes, int group, boolean hasMins) {
    super(lanes, group);
    this.bytes = bytes;
    this.hasMins = hasMins;
  }

  @Override
  final void floats(MemorySegment w, long at, int blocks, Work work, float[] to, int out) {
    scales(w, at, blocks, work);
    numbers(w, at, blocks, work, to, out);
  }

  @Override
  final float dot(MemorySegment w, long at, int blocks, Work work) {
    int groups = blocks * (SUPER / group());
    scales(w, at, blocks, work);
    float mins = hasMins ? mins(groups, work) : 0;
    multiplyScales(groups, work);
    FloatVector.zero(lanes.floats()).intoArray(work.vectors, 0);
    products(w, at, blocks, work);
    return mins;
  }

  void scales(MemorySegment w, long at, int blocks, Work work) {
    work.groups(blocks * (SUPER / group()));
    for (int block = 0; block < blocks; block++) {
      int out = block * (SUPER / group());
      scales(w, at + (long) block * bytes, work.scales, work.mins, out);
    }
  }

  /** Writes the scales, and the mins if there are any, of a super-block. */
  abstract void scales(MemorySegment w, long at, float[] scales, float[] mins, int out);

  /** Writes {@code scale * q + min} for the row's numbers. */
  abstract void numbers(MemorySegment w, long at, int blocks, Work work, float[] to, int out);

  /** Adds the row's products, with the scales in {@code work}, to the vector of sums there. */
  abstract void products(MemorySegment w, long at, int blocks, Work work);

  /** Scales of weight and activation multiplied. Groups are a multiple of 8. */
  void multiplyScales(int groups, Work work) {
    for (int g = 0; g < groups; g++) {
      work.scales[g] *= work.xScales[g];
    }
  }

  float mins(int groups, Work work) {
    FloatVector total = FloatVector.zero(lanes.floats());
    for (int g = 0; g < groups; g += lanes.floats().length()) {
      VectorMask<Float> mask = lanes.floats().indexInRange(g, groups);
      FloatVector min = FloatVector.fromArray(lanes.floats(), work.mins, g, mask);
      total = min.fma(FloatVector.fromArray(lanes.floats(), work.xSums, g, mask), total);
    }
    total.intoArray(work.vectors, 0);
    return lanes.sum(work.vectors, 0);
  }

  /** Writes {@code factor} times each of eight signed bytes. */
  static void scale(long bytes, float factor, float[] to, int out) {
    for (int i = 0; i < 8; i++) {
      to[out + i] = factor * (byte) (bytes >>> 8 * i);
    }
  }

  /** The first 16 bytes of Q4_K and Q5_K: half d, half dmin, then 8 scales and 8 mins of 6 bits. */
  static void scalesAndMins(MemorySegment w, long at, float[] scales, float[] mins, int out) {
    int a = w.get(Memory.INT, at + 4);
    int b = w.get(Memory.INT, at + 8);
    int c = w.get(Memory.INT, at + 12);
    int four = (int) EACH_LOW4;
    int two = (int) EACH_LOW2;
    long lastScales = c & four | (a >>> 6 & two) << 4;
    long lastMins = c >>> 4 & four | (b >>> 6 & two) << 4;
    scale(a & EACH_LOW6 | lastScales << 32, Blocks.half(w, at), scales, out);
    scale(b & EACH_LOW6 | lastMins << 32, -Blocks.half(w, at + 2), mins, out);
  }
}
