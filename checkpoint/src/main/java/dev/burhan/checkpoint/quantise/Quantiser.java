package dev.burhan.checkpoint.quantise;

import dev.burhan.tensor.DataType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * F32 numbers to a storage type: the inverse of dequantising, each number to the nearest that its
 * block can hold. Pure functions. Block layouts are told at {@link DataType}'s constants.
 */
public final class Quantiser {
  private static final float LARGEST_HALF = 65_504;

  private static final List<DataType> TYPES =
      List.of(
          DataType.F32,
          DataType.F16,
          DataType.BF16,
          DataType.Q8_0,
          DataType.Q4_0,
          DataType.Q4_1,
          DataType.Q5_0,
          DataType.Q5_1,
          DataType.Q4_K,
          DataType.Q5_K,
          DataType.Q6_K);

  private Quantiser() {}

  /** The types that can be written. */
  public static List<DataType> types() {
    return TYPES;
  }

  /** Writes one block. */
  @FunctionalInterface
  private interface BlockEncoder {
    void encode(float[] in, int from, ByteBuffer out);
  }

  /**
   * Quantises consecutive numbers.
   *
   * @param count a whole number of blocks
   * @param out little-endian, written from its position on
   * @throws IllegalArgumentException if a number can't be held: not finite, or too large
   */
  public static void encode(DataType type, float[] in, int from, int count, ByteBuffer out) {
    float most =
        type.equals(DataType.F32) || type.equals(DataType.BF16) ? Float.MAX_VALUE : LARGEST_HALF;
    for (int i = from; i < from + count; i++) {
      if (!(Math.abs(in[i]) <= most)) {
        throw new IllegalArgumentException(type + " can't hold the number " + in[i]);
      }
    }
    BlockEncoder encoder =
        encoder(type)
            .orElseThrow(() -> new IllegalArgumentException(type + " can't be written here"));
    for (int at = from; at < from + count; at += type.blockElements()) {
      encoder.encode(in, at, out);
    }
  }

  private static Optional<BlockEncoder> encoder(DataType type) {
    return Optional.ofNullable(
        switch (type.name()) {
          case "F32" -> (in, at, out) -> out.putFloat(in[at]);
          case "F16" -> (in, at, out) -> out.putShort(Float.floatToFloat16(in[at]));
          case "BF16" -> (in, at, out) -> out.putShort(bf16(in[at]));
          case "Q8_0" -> SmallBlocks::q80;
          case "Q4_0" -> SmallBlocks::q40;
          case "Q4_1" -> SmallBlocks::q41;
          case "Q5_0" -> SmallBlocks::q50;
          case "Q5_1" -> SmallBlocks::q51;
          case "Q4_K" -> SuperBlocks::q4k;
          case "Q5_K" -> SuperBlocks::q5k;
          case "Q6_K" -> SuperBlocks::q6k;
          default -> null;
        });
  }

  /** To nearest, ties to even. */
  private static short bf16(float number) {
    int bits = Float.floatToRawIntBits(number);
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** As a half holds it. */
  static float half(float number) {
    return Float.float16ToFloat(Float.floatToFloat16(number));
  }

  /** {@code number / step} to the nearest integer within bounds; 0, or the nearest, for no step. */
  static int nearest(float number, float step, int least, int most) {
    return Math.clamp(step == 0 ? 0 : Math.round(number / step), least, most);
  }
}
