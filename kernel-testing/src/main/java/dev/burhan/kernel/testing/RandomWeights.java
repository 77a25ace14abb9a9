package dev.burhan.kernel.testing;

import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/**
 * Stored numbers of any type: floats are normal with deviation 0.1, quantised blocks are random
 * bytes with scales of a size that gives about the same.
 */
public final class RandomWeights {
  private RandomWeights() {}

  /** A random tensor put into the checkpoint, and the weight that names it. */
  public static Weight add(
      MemoryCheckpoint checkpoint,
      String name,
      DataType type,
      Weight.Use use,
      Random random,
      long... dims) {
    Shape shape = Shape.of(dims);
    checkpoint.tensor(name, type, shape, stored(type, shape.elements(), random));
    return new Weight(name, type, shape, new Source.Stored(name), use);
  }

  /** So many numbers, a whole number of blocks. */
  public static MemorySegment stored(DataType type, long elements, Random random) {
    byte[] bytes = new byte[Math.toIntExact(type.bytes(elements))];
    random.nextBytes(bytes);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < bytes.length; at += type.blockBytes()) {
      switch (type.name()) {
        case "F64" -> buffer.putDouble(at, random.nextGaussian() * 0.1);
        case "F32" -> buffer.putFloat(at, (float) random.nextGaussian() * 0.1f);
        case "F16" -> putHalf(buffer, at, (float) random.nextGaussian() * 0.1f);
        case "BF16" ->
            buffer.putShort(
                at, (short) (Float.floatToRawIntBits((float) random.nextGaussian() * 0.1f) >> 16));
        case "F8_E4M3" -> // exponents 1 to 5: magnitudes from 2^-6 to 0.47
            buffer.put(at, (byte) (random.nextInt(2) << 7 | (8 + random.nextInt(40))));
        case "Q4_0" -> putHalf(buffer, at, scale(random, 8));
        case "Q5_0" -> putHalf(buffer, at, scale(random, 16));
        case "Q8_0" -> putHalf(buffer, at, scale(random, 128));
        case "Q4_1" -> putScaleAndOffset(buffer, at, random, 15);
        case "Q5_1" -> putScaleAndOffset(buffer, at, random, 31);
        case "Q2_K" -> putScaleAndMin(buffer, at + 80, random, 15, 3);
        case "Q3_K" -> putHalf(buffer, at + 108, scale(random, 32 * 4));
        case "Q4_K" -> putScaleAndMin(buffer, at, random, 63, 15);
        case "Q5_K" -> putScaleAndMin(buffer, at, random, 63, 31);
        case "Q6_K" -> putHalf(buffer, at + 208, scale(random, 128 * 32));
        case "Q8_K" -> buffer.putFloat(at, scale(random, 128));
        case "IQ4_NL" -> putHalf(buffer, at, scale(random, 127));
        case "IQ4_XS" -> putHalf(buffer, at, scale(random, 32 * 127));
        case "IQ2_XXS", "IQ2_XS", "IQ2_S" -> putHalf(buffer, at, scale(random, 4 * 43));
        case "IQ3_XXS" -> putHalf(buffer, at, scale(random, 8 * 62));
        case "IQ3_S" -> putHalf(buffer, at, scale(random, 31 * 15));
        case "IQ1_S" -> putHalf(buffer, at, scale(random, 15));
        case "IQ1_M" -> putQuarters(buffer, at + 48, scale(random, 15));
        default -> throw new IllegalArgumentException("no random numbers of type " + type);
      }
    }
    return MemorySegment.ofArray(bytes);
  }

  /** A scale, of either sign, that makes a quantised number of size {@code most} about 0.2. */
  private static float scale(Random random, float most) {
    float size = 0.2f / most * (0.5f + random.nextFloat());
    return random.nextInt(8) == 0 ? -size : size;
  }

  /** {@code w = d q + m}, q up to {@code most}: centred on zero. */
  private static void putScaleAndOffset(ByteBuffer buffer, int at, Random random, float most) {
    float d = 0.4f / most * (0.5f + random.nextFloat());
    putHalf(buffer, at, d);
    putHalf(buffer, at + 2, -d * most / 2);
  }

  /** {@code w = d s q - dmin m}, s and m up to {@code scales}, q up to {@code most}. */
  private static void putScaleAndMin(
      ByteBuffer buffer, int at, Random random, float scales, float most) {
    float d = 0.4f / (scales * most) * (0.5f + random.nextFloat());
    putHalf(buffer, at, d);
    putHalf(buffer, at + 2, d * most / 2);
  }

  /** A half in the highest four bits of four shorts, lowest first. */
  private static void putQuarters(ByteBuffer buffer, int at, float number) {
    int half = Float.floatToFloat16(number);
    for (int i = 0; i < 4; i++) {
      int low = buffer.getShort(at + 2 * i) & 0xfff;
      buffer.putShort(at + 2 * i, (short) (half >> 4 * i << 12 | low));
    }
  }

  private static void putHalf(ByteBuffer buffer, int at, float number) {
    buffer.putShort(at, Float.floatToFloat16(number));
  }
}
