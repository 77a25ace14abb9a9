package dev.burhan.backendvector;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * How numbers of one float type become F32, exactly. The narrow floats are moved into F32's place
 * for exponent and mantissa and multiplied by the difference of the biases, a power of two: that
 * makes subnormal numbers right as well.
 */
abstract class Widen {

  /** Writes {@code count} numbers from {@code at} on as F32 from {@code out} on. */
  abstract void widen(MemorySegment from, long at, int count, float[] to, int out);

  static boolean supports(DataType type) {
    return type.equals(DataType.F32)
        || type.equals(DataType.F16)
        || type.equals(DataType.BF16)
        || type.equals(DataType.F8_E4M3);
  }

  static Optional<Widen> of(DataType type, Lanes lanes) {
    if (type.equals(DataType.F32)) {
      return Optional.of(new Copy());
    }
    if (type.equals(DataType.F16)) {
      return Optional.of(new Half(lanes));
    }
    if (type.equals(DataType.BF16)) {
      return Optional.of(new BrainFloat(lanes));
    }
    return type.equals(DataType.F8_E4M3) ? Optional.of(new Float8(lanes)) : Optional.empty();
  }

  private static final class Copy extends Widen {
    @Override
    void widen(MemorySegment from, long at, int count, float[] to, int out) {
      MemorySegment.copy(from, Memory.FLOAT, at, to, out, count);
    }
  }

  private static final class Half extends Widen {
    private static final float REBIAS = 0x1p112f;
    private static final int NOT_FINITE = 0x1f << 23;
    private final Lanes lanes;

    Half(Lanes lanes) {
      this.lanes = lanes;
    }

    @Override
    void widen(MemorySegment from, long at, int count, float[] to, int out) {
      int step = lanes.floats().length();
      int whole = count - count % step;
      for (int i = 0; i < whole; i += step) {
        half(lanes.shortsAsInts(from, at + i * 2L)).intoArray(to, out + i);
      }
      for (int i = whole; i < count; i++) {
        float number = Float.float16ToFloat(from.get(Memory.SHORT, at + i * 2L));
        to[out + i] = number;
      }
    }

    private FloatVector half(IntVector bits) {
      IntVector sign = bits.and(0x8000).lanewise(VectorOperators.LSHL, 16);
      IntVector rest = bits.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
      IntVector number = rest.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
      return number
          .blend(rest.or(0xff << 23), rest.compare(VectorOperators.GE, NOT_FINITE))
          .or(sign)
          .reinterpretAsFloats();
    }
  }

  private static final class BrainFloat extends Widen {
    private final Lanes lanes;

    BrainFloat(Lanes lanes) {
      this.lanes = lanes;
    }

    @Override
    void widen(MemorySegment from, long at, int count, float[] to, int out) {
      int step = lanes.floats().length();
      int whole = count - count % step;
      for (int i = 0; i < whole; i += step) {
        IntVector bits = lanes.shortsAsInts(from, at + i * 2L).lanewise(VectorOperators.LSHL, 16);
        bits.reinterpretAsFloats().intoArray(to, out + i);
      }
      for (int i = whole; i < count; i++) {
        to[out + i] = Float.intBitsToFloat(from.get(Memory.SHORT, at + i * 2L) << 16);
      }
    }
  }

  private static final class Float8 extends Widen {
    private static final float REBIAS = 0x1p120f;
    private static final int NAN = 0x7f << 20;
    private final Lanes lanes;

    Float8(Lanes lanes) {
      this.lanes = lanes;
    }

    @Override
    void widen(MemorySegment from, long at, int count, float[] to, int out) {
      int step = lanes.floats().length();
      int whole = count - count % step;
      for (int i = 0; i < whole; i += step) {
        eight(lanes.bytesAsInts(from, at + i)).intoArray(to, out + i);
      }
      for (int i = whole; i < count; i++) {
        to[out + i] = eight(from.get(Memory.BYTE, at + i));
      }
    }

    private static FloatVector eight(IntVector bits) {
      IntVector sign = bits.and(0x80).lanewise(VectorOperators.LSHL, 24);
      IntVector rest = bits.and(0x7f).lanewise(VectorOperators.LSHL, 20);
      IntVector number = rest.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
      return number
          .blend(Float.floatToRawIntBits(Float.NaN), rest.compare(VectorOperators.EQ, NAN))
          .or(sign)
          .reinterpretAsFloats();
    }

    private static float eight(byte bits) {
      int rest = (bits & 0x7f) << 20;
      float number = rest == NAN ? Float.NaN : Float.intBitsToFloat(rest) * REBIAS;
      return bits < 0 ? -number : number;
    }
  }
}
