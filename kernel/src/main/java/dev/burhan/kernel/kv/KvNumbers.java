package dev.burhan.kernel.kv;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * How a cache's numbers are rounded when they are stored, to nearest with ties to even. Q8_0: the
 * scale of 32 numbers is their greatest magnitude over 127, rounded to a half itself, and numbers
 * are multiples of what it was rounded to, at most 127.
 */
public enum KvNumbers {
  F32(DataType.F32) {
    @Override
    public float get(MemorySegment row, long at, long index) {
      return row.get(JAVA_FLOAT_UNALIGNED, at + 4 * index);
    }

    @Override
    public void read(MemorySegment row, long at, float[] to) {
      MemorySegment.copy(row, JAVA_FLOAT_UNALIGNED, at, to, 0, to.length);
    }

    @Override
    public void put(float[] from, int first, int count, MemorySegment row, long at, long index) {
      MemorySegment.copy(from, first, row, JAVA_FLOAT_UNALIGNED, at + 4 * index, count);
    }
  },
  F16(DataType.F16) {
    @Override
    public float get(MemorySegment row, long at, long index) {
      return Float.float16ToFloat(row.get(JAVA_SHORT_UNALIGNED, at + 2 * index));
    }

    @Override
    public void put(float[] from, int first, int count, MemorySegment row, long at, long index) {
      for (int i = 0; i < count; i++) {
        short half = Float.floatToFloat16(from[first + i]);
        row.set(JAVA_SHORT_UNALIGNED, at + 2 * (index + i), half);
      }
    }
  },
  BF16(DataType.BF16) {
    @Override
    public float get(MemorySegment row, long at, long index) {
      return Float.intBitsToFloat(row.get(JAVA_SHORT_UNALIGNED, at + 2 * index) << 16);
    }

    @Override
    public void put(float[] from, int first, int count, MemorySegment row, long at, long index) {
      for (int i = 0; i < count; i++) {
        row.set(JAVA_SHORT_UNALIGNED, at + 2 * (index + i), nearest(from[first + i]));
      }
    }

    /** A NaN stays one. */
    private static short nearest(float number) {
      int bits = Float.floatToRawIntBits(number);
      return Float.isNaN(number)
          ? (short) (bits >>> 16 | 0x40)
          : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
  },
  Q8(DataType.Q8_0) {
    @Override
    public float get(MemorySegment row, long at, long index) {
      long block = at + index / BLOCK * BLOCK_BYTES;
      float scale = Float.float16ToFloat(row.get(JAVA_SHORT_UNALIGNED, block));
      return scale * row.get(ValueLayout.JAVA_BYTE, block + Short.BYTES + index % BLOCK);
    }

    @Override
    public void put(float[] from, int first, int count, MemorySegment row, long at, long index) {
      for (int i = 0; i < count; i += BLOCK) {
        block(from, first + i, row, at + (index + i) / BLOCK * BLOCK_BYTES);
      }
    }

    private static void block(float[] from, int first, MemorySegment row, long at) {
      float greatest = 0;
      for (int i = first; i < first + BLOCK; i++) {
        greatest = Math.max(greatest, Math.abs(from[i]));
      }
      short half = Float.floatToFloat16(Math.min(greatest / MOST, LARGEST_HALF));
      float scale = Float.float16ToFloat(half);
      float inverse = scale == 0 ? 0 : 1 / scale;
      row.set(JAVA_SHORT_UNALIGNED, at, half);
      for (int i = 0; i < BLOCK; i++) {
        double number = Math.rint(from[first + i] * inverse);
        byte stored = (byte) Math.clamp(number, -MOST, MOST);
        row.set(ValueLayout.JAVA_BYTE, at + Short.BYTES + i, stored);
      }
    }
  };

  private static final int BLOCK = DataType.Q8_0.blockElements();
  private static final int BLOCK_BYTES = DataType.Q8_0.blockBytes();
  private static final float MOST = 127;
  private static final float LARGEST_HALF = 65504;

  private final DataType type;

  KvNumbers(DataType type) {
    this.type = type;
  }

  /** The storage type's; empty if caches can't be kept in it. */
  public static Optional<KvNumbers> of(DataType type) {
    for (KvNumbers numbers : values()) {
      if (numbers.type.equals(type)) {
        return Optional.of(numbers);
      }
    }
    return Optional.empty();
  }

  public DataType type() {
    return type;
  }

  /** Number {@code index} of the row that begins at a byte. */
  public abstract float get(MemorySegment row, long at, long index);

  /** Reads the first numbers of the row that begins at a byte, as many as there is room for. */
  public void read(MemorySegment row, long at, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = get(row, at, i);
    }
  }

  /**
   * Stores numbers {@code [first, first + count)} from {@code index} on: whole blocks of the type.
   */
  public abstract void put(
      float[] from, int first, int count, MemorySegment row, long at, long index);
}
