package dev.burhan.backendvector;

import dev.burhan.backendvector.machinecode.Routines;
import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/**
 * The types with blocks of 32: a half d, or two, d and m, for each block and row. See {@link
 * DataType} for the blocks.
 */
final class BlockPanels {
  private static final int BLOCK = 32;
  private static final int HALF = 2; // bytes

  private BlockPanels() {}

  private abstract static class OneScale extends IntegerPanels {
    OneScale(DataType type, Lanes lanes, Planes planes) {
      super(type, lanes, planes, BLOCK, HALF, false);
    }

    @Override
    final int halves() {
      return 1;
    }

    @Override
    final void unpackScales(MemorySegment w, long at, int first, int count, Work work) {
      int half = lanes.floats().length();
      for (int i = 0; i < 2 * count; i++) {
        lanes.halves(w, at + 2L * (2L * first + i) * half).intoArray(work.scales, i * half);
      }
    }
  }

  private abstract static class ScaleAndOffset extends IntegerPanels {
    ScaleAndOffset(DataType type, Lanes lanes, Planes planes) {
      super(type, lanes, planes, BLOCK, 2 * HALF, true);
    }

    @Override
    final int halves() {
      return 2;
    }

    @Override
    final void unpackScales(MemorySegment w, long at, int first, int count, Work work) {
      int rows = lanes.rows();
      int half = lanes.floats().length();
      for (int i = 0; i < count; i++) {
        long block = at + 4L * (first + i) * rows;
        for (int h = 0; h < rows; h += half) {
          FloatVector d = lanes.halves(w, block + 2L * h);
          FloatVector m = lanes.halves(w, block + 2L * (rows + h));
          d.intoArray(work.scales, i * rows + h);
          d.fma(FloatVector.broadcast(lanes.floats(), planes.centre()), m)
              .intoArray(work.offsets, i * rows + h);
        }
      }
    }
  }

  private static void scales(byte[] in, int at, byte[] scales, int halves) {
    System.arraycopy(in, at, scales, 0, HALF * halves);
  }

  /** Low halves of 16 bytes are the first numbers, high ones the others. */
  static void nibbles(byte[] in, int at, byte[] q, int first) {
    Words.bits(in, at, 16, 0, Words.NIBBLES, q, first);
    Words.bits(in, at, 16, 4, Words.NIBBLES, q, first + 16);
  }

  /** Adds bit i of the 4 bytes to number i, as its fifth. */
  private static void fifths(byte[] in, int at, byte[] q) {
    for (int i = 0; i < 4; i++) {
      long fifths = Long.expand(in[at + i] & 0xff, Words.ONES << 4);
      Words.put(q, 8 * i, Words.get(q, 8 * i) | fifths);
    }
  }

  /** half d; nibbles. */
  static final class Q4Zero extends OneScale {
    Q4Zero(Lanes lanes) {
      super(DataType.Q4_0, lanes, new Planes4(lanes));
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      BlockPanels.scales(in, at, scales, 1);
      nibbles(in, at + 2, q, 0);
    }
  }

  /** half d, half m; nibbles. */
  static final class Q4One extends ScaleAndOffset {
    Q4One(Lanes lanes) {
      super(DataType.Q4_1, lanes, new Planes4(lanes));
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      BlockPanels.scales(in, at, scales, 2);
      nibbles(in, at + 4, q, 0);
    }
  }

  /** half d; fifth bits; nibbles. */
  static final class Q5Zero extends OneScale {
    Q5Zero(Lanes lanes) {
      super(DataType.Q5_0, lanes, new Planes5(lanes));
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      BlockPanels.scales(in, at, scales, 1);
      nibbles(in, at + 6, q, 0);
      fifths(in, at + 2, q);
    }
  }

  /** half d, half m; fifth bits; nibbles. */
  static final class Q5One extends ScaleAndOffset {
    Q5One(Lanes lanes) {
      super(DataType.Q5_1, lanes, new Planes5(lanes));
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      BlockPanels.scales(in, at, scales, 2);
      nibbles(in, at + 8, q, 0);
      fifths(in, at + 4, q);
    }
  }

  /**
   * half d; signed bytes. Multiplied in F32 in every mode: two products fill 16 bits, so that
   * activations in 8 bits would save next to nothing.
   */
  static final class Q8Zero extends OneScale {
    private final Stage dot = this::dot;
    private final Stage scaled = this::scaled;
    private final ByteTile tile;
    private final Routines routines; // null without machine code

    Q8Zero(Lanes lanes) {
      super(DataType.Q8_0, lanes, new Planes8(lanes));
      this.tile = new ByteTile(lanes);
      this.routines = lanes.bytesInMachineCode();
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      BlockPanels.scales(in, at, scales, 1);
      System.arraycopy(in, at + 2, q, 0, BLOCK);
    }

    @Override
    Optional<IntegerPanels> integers() {
      return Optional.empty();
    }

    @Override
    int dotChunk() {
      return Work.SECTION;
    }

    /** Bytes become floats at once, not by way of 16 bits. */
    @Override
    void floats(MemorySegment w, long panel, int cols, int from, int count, Work work) {
      scales(w, panel, from, count, work);
      Stage.run(scaled, w, planesAt(panel, cols, from), from, count / BLOCK, work);
    }

    private void scaled(MemorySegment w, long at, int first, int blocks, Work work) {
      int rows = lanes.rows();
      int half = rows / 2;
      for (int block = 0; block < blocks; block++) {
        FloatVector d0 = FloatVector.fromArray(lanes.floats(), work.scales, block * rows);
        FloatVector d1 = FloatVector.fromArray(lanes.floats(), work.scales, block * rows + half);
        for (int i = block * BLOCK * rows; i < (block + 1) * BLOCK * rows; i += rows) {
          long b = at + i;
          lanes.toFloats(lanes.signedBytesAsInts(w, b)).mul(d0).intoArray(work.floats, i);
          lanes
              .toFloats(lanes.signedBytesAsInts(w, b + half))
              .mul(d1)
              .intoArray(work.floats, i + half);
        }
      }
    }

    @Override
    int few() {
      return ByteTile.MOST;
    }

    @Override
    void multiply(
        MemorySegment w, long panel, int cols, int from, int count, int columns, Work work) {
      scales(w, panel, from, count, work);
      if (routines != null) {
        work.to = 0;
        assembled(w, planesAt(panel, cols, from), from, count, columns, work.stride, work);
      } else {
        tile.multiply(w, planesAt(panel, cols, from), from, count, columns, work);
      }
    }

    @Override
    void dot(MemorySegment w, long panel, int cols, int from, int count, Work work, int sums) {
      work.to = sums;
      scales(w, panel, from, count, work);
      if (routines != null) {
        assembled(w, planesAt(panel, cols, from), from, count, 1, 0, work);
      } else {
        Stage.run(dot, w, planesAt(panel, cols, from), from, count / BLOCK, work);
      }
    }

    /** In machine code, to the sums at {@code work.to}. */
    private void assembled(
        MemorySegment w, long at, int first, int count, int columns, int stride, Work work) {
      long weights = address(w, at, (long) count * lanes.rows());
      for (int c = 0; c < columns; c += routines.columns()) {
        routines.run(
            Math.min(routines.columns(), columns - c),
            weights,
            work.inputsSegment,
            c * stride + first,
            stride,
            work.scalesSegment,
            work.sumsSegment,
            work.to + c * lanes.rows(),
            count / BLOCK);
      }
    }

    private void dot(MemorySegment w, long at, int first, int blocks, Work work) {
      int rows = lanes.rows();
      int half = rows / 2;
      FloatVector sum0 = FloatVector.fromArray(lanes.floats(), work.sums, work.to);
      FloatVector sum1 = FloatVector.fromArray(lanes.floats(), work.sums, work.to + half);
      for (int block = 0; block < blocks; block++) {
        FloatVector d0 = FloatVector.fromArray(lanes.floats(), work.scales, block * rows);
        FloatVector d1 = FloatVector.fromArray(lanes.floats(), work.scales, block * rows + half);
        for (int k = block * BLOCK; k < (block + 1) * BLOCK; k++) {
          FloatVector x = FloatVector.broadcast(lanes.floats(), work.x[first + k]);
          long b = at + (long) k * rows;
          sum0 = lanes.toFloats(lanes.signedBytesAsInts(w, b)).mul(d0).fma(x, sum0);
          sum1 = lanes.toFloats(lanes.signedBytesAsInts(w, b + half)).mul(d1).fma(x, sum1);
        }
      }
      sum0.intoArray(work.sums, work.to);
      sum1.intoArray(work.sums, work.to + half);
    }
  }

  /** half d; nibbles that are looked up. Multiplied in F32 as Q8_0. */
  static final class Iq4Nl extends OneScale {
    Iq4Nl(Lanes lanes) {
      super(DataType.IQ4_NL, lanes, new PlanesIq4(lanes));
    }

    @Override
    void split(byte[] in, int at, byte[] q, byte[] scales) {
      BlockPanels.scales(in, at, scales, 1);
      nibbles(in, at + 2, q, 0);
    }

    @Override
    Optional<IntegerPanels> integers() {
      return Optional.empty();
    }

    @Override
    int dotChunk() {
      return Work.INTEGERS;
    }

    @Override
    void dot(MemorySegment w, long panel, int cols, int from, int count, Work work, int sums) {
      dotNumbers(w, panel, cols, from, count, work, sums);
    }
  }
}
