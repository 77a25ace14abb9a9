package dev.burhan.backendvector;

import static dev.burhan.backendvector.Memory.LE;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** How a cache's numbers are stored. */
abstract class KvFormat {
  final Lanes lanes;

  private KvFormat(Lanes lanes) {
    this.lanes = lanes;
  }

  static boolean supports(DataType type) {
    return type.equals(DataType.F32)
        || type.equals(DataType.F16)
        || type.equals(DataType.BF16)
        || type.equals(DataType.Q8_0);
  }

  static Optional<KvFormat> of(DataType type, Lanes lanes) {
    if (type.equals(DataType.F32)) {
      return Optional.of(new Full(lanes));
    }
    if (type.equals(DataType.F16)) {
      return Optional.of(new Half(lanes));
    }
    if (type.equals(DataType.BF16)) {
      return Optional.of(new BrainFloat(lanes));
    }
    return type.equals(DataType.Q8_0) ? Optional.of(new Eight(lanes)) : Optional.empty();
  }

  /** Bytes of so many numbers: where a head's begin in a row. */
  abstract long bytes(int count);

  /** Stores {@code count} F32 numbers. */
  abstract void write(MemorySegment from, long fromAt, int count, MemorySegment to, long at);

  /**
   * Reads the whole vectors of each row. Rows are the inner loop, so that the compiler makes one
   * loop of many steps of it.
   *
   * @param rowBytes from one row to the next
   * @param count numbers a row, a multiple of the lanes
   * @param stride numbers from one row to the next in {@code to}
   */
  abstract void read(
      MemorySegment from,
      long at,
      long rowBytes,
      int rows,
      int count,
      float[] to,
      int out,
      int stride);

  /** One number, {@code index} after the address. */
  abstract float read(MemorySegment from, long at, int index);

  private static final class Full extends KvFormat {
    Full(Lanes lanes) {
      super(lanes);
    }

    @Override
    long bytes(int count) {
      return 4L * count;
    }

    @Override
    void write(MemorySegment from, long fromAt, int count, MemorySegment to, long at) {
      MemorySegment.copy(from, fromAt, to, at, 4L * count);
    }

    @Override
    void read(
        MemorySegment from,
        long at,
        long rowBytes,
        int rows,
        int count,
        float[] to,
        int out,
        int stride) {
      int step = lanes.floats().length();
      int i = 0;
      for (; i <= count - 4 * step; i += 4 * step) {
        for (int row = 0; row < rows; row++) {
          four(from, at + i * 4L + row * rowBytes, to, out + i + row * stride);
        }
      }
      for (; i < count; i += step) {
        for (int row = 0; row < rows; row++) {
          load(from, at + i * 4L + row * rowBytes).intoArray(to, out + i + row * stride);
        }
      }
    }

    private void four(MemorySegment from, long at, float[] to, int out) {
      int step = lanes.floats().length();
      FloatVector v0 = load(from, at);
      FloatVector v1 = load(from, at + 4L * step);
      FloatVector v2 = load(from, at + 8L * step);
      FloatVector v3 = load(from, at + 12L * step);
      v0.intoArray(to, out);
      v1.intoArray(to, out + step);
      v2.intoArray(to, out + 2 * step);
      v3.intoArray(to, out + 3 * step);
    }

    private FloatVector load(MemorySegment from, long at) {
      return FloatVector.fromMemorySegment(lanes.floats(), from, at, LE);
    }

    @Override
    float read(MemorySegment from, long at, int index) {
      return from.get(Memory.FLOAT, at + 4L * index);
    }
  }

  /** See {@link Widen} for the conversion. */
  private static final class Half extends KvFormat {
    private static final float REBIAS = 0x1p112f;
    private static final int NOT_FINITE = 0x1f << 23;

    Half(Lanes lanes) {
      super(lanes);
    }

    @Override
    long bytes(int count) {
      return 2L * count;
    }

    @Override
    void write(MemorySegment from, long fromAt, int count, MemorySegment to, long at) {
      for (int i = 0; i < count; i++) {
        float number = from.get(Memory.FLOAT, fromAt + i * 4L);
        to.set(Memory.SHORT, at + i * 2L, Float.floatToFloat16(number));
      }
    }

    @Override
    void read(
        MemorySegment from,
        long at,
        long rowBytes,
        int rows,
        int count,
        float[] to,
        int out,
        int stride) {
      for (int i = 0; i < count; i += lanes.floats().length()) {
        for (int row = 0; row < rows; row++) {
          half(lanes.shortsAsInts(from, at + i * 2L + row * rowBytes))
              .intoArray(to, out + i + row * stride);
        }
      }
    }

    private static FloatVector half(IntVector bits) {
      IntVector sign = bits.and(0x8000).lanewise(VectorOperators.LSHL, 16);
      IntVector rest = bits.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
      IntVector number = rest.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
      return number
          .blend(rest.or(0xff << 23), rest.compare(VectorOperators.GE, NOT_FINITE))
          .or(sign)
          .reinterpretAsFloats();
    }

    @Override
    float read(MemorySegment from, long at, int index) {
      return Float.float16ToFloat(from.get(Memory.SHORT, at + 2L * index));
    }
  }

  private static final class BrainFloat extends KvFormat {
    BrainFloat(Lanes lanes) {
      super(lanes);
    }

    @Override
    long bytes(int count) {
      return 2L * count;
    }

    @Override
    void write(MemorySegment from, long fromAt, int count, MemorySegment to, long at) {
      for (int i = 0; i < count; i++) {
        to.set(Memory.SHORT, at + i * 2L, nearest(from.get(Memory.FLOAT, fromAt + i * 4L)));
      }
    }

    /** Ties to even; NaN stays NaN. */
    private static short nearest(float number) {
      int bits = Float.floatToIntBits(number);
      if (Float.isNaN(number)) {
        return (short) (bits >>> 16);
      }
      return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    @Override
    void read(
        MemorySegment from,
        long at,
        long rowBytes,
        int rows,
        int count,
        float[] to,
        int out,
        int stride) {
      for (int i = 0; i < count; i += lanes.floats().length()) {
        for (int row = 0; row < rows; row++) {
          lanes
              .shortsAsInts(from, at + i * 2L + row * rowBytes)
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .intoArray(to, out + i + row * stride);
        }
      }
    }

    @Override
    float read(MemorySegment from, long at, int index) {
      return Float.intBitsToFloat(from.get(Memory.SHORT, at + 2L * index) << 16);
    }
  }

  /** Blocks of 32 with a scale: a head must be whole blocks. */
  private static final class Eight extends KvFormat {
    private static final int BLOCK = 32;
    private static final int BYTES = 34;
    private static final float MOST = 127;
    private static final float LARGEST_HALF = 65504;

    Eight(Lanes lanes) {
      super(lanes);
    }

    @Override
    long bytes(int count) {
      return (long) count / BLOCK * BYTES;
    }

    @Override
    void write(MemorySegment from, long fromAt, int count, MemorySegment to, long at) {
      for (int i = 0; i < count / BLOCK; i++) {
        block(from, fromAt + 4L * i * BLOCK, to, at + (long) i * BYTES);
      }
    }

    private void block(MemorySegment from, long fromAt, MemorySegment to, long at) {
      FloatVector magnitudes = FloatVector.zero(lanes.floats());
      for (int i = 0; i < BLOCK; i += lanes.floats().length()) {
        FloatVector x = FloatVector.fromMemorySegment(lanes.floats(), from, fromAt + 4L * i, LE);
        magnitudes = magnitudes.max(x.abs());
      }
      // The greatest is the same in whatever order it is found, so reduceLanes may be used.
      float greatest = magnitudes.reduceLanes(VectorOperators.MAX);
      short half = Float.floatToFloat16(Math.min(greatest / MOST, LARGEST_HALF));
      float scale = Float.float16ToFloat(half);
      float inverse = scale == 0 ? 0 : 1 / scale;
      to.set(Memory.SHORT, at, half);
      for (int i = 0; i < BLOCK; i++) {
        float number = from.get(Memory.FLOAT, fromAt + 4L * i) * inverse;
        to.set(Memory.BYTE, at + 2 + i, (byte) Math.clamp(Math.rint(number), -MOST, MOST));
      }
    }

    @Override
    void read(
        MemorySegment from,
        long at,
        long rowBytes,
        int rows,
        int count,
        float[] to,
        int out,
        int stride) {
      for (int i = 0; i < count; i += lanes.floats().length()) {
        long block = at + (long) i / BLOCK * BYTES;
        for (int row = 0; row < rows; row++) {
          float scale = Float.float16ToFloat(from.get(Memory.SHORT, block + row * rowBytes));
          FloatVector numbers =
              (FloatVector)
                  lanes
                      .signedBytesAsInts(from, block + row * rowBytes + 2 + i % BLOCK)
                      .convertShape(VectorOperators.I2F, lanes.floats(), 0);
          numbers.mul(scale).intoArray(to, out + i + row * stride);
        }
      }
    }

    @Override
    float read(MemorySegment from, long at, int index) {
      throw new IllegalStateException("a head of " + DataType.Q8_0 + " is whole vectors");
    }
  }
}
