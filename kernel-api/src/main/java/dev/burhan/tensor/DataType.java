package dev.burhan.tensor;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How numbers are stored: {@code blockElements} consecutive numbers of a row take {@code
 * blockBytes} bytes. The set is open: a backend looks a type up by its name and refuses the ones it
 * doesn't know.
 *
 * <p>The block formats are those of GGUF (ggml's {@code ggml-common.h}); multi-byte fields are
 * little-endian, {@code half} is IEEE 754 binary16.
 *
 * @param name the name in GGUF's and safetensors' spelling
 * @param blockElements numbers a block, along the innermost dimension
 * @param blockBytes bytes a block
 */
public record DataType(String name, int blockElements, int blockBytes) {

  public static final DataType F64 = new DataType("F64", 1, 8);
  public static final DataType F32 = new DataType("F32", 1, 4);
  public static final DataType F16 = new DataType("F16", 1, 2);
  public static final DataType BF16 = new DataType("BF16", 1, 2);

  /**
   * 8-bit float, 4 exponent bits, 3 mantissa bits, no infinities, NaN is 0x7f and 0xff (OCP FP8,
   * "E4M3FN").
   */
  public static final DataType F8_E4M3 = new DataType("F8_E4M3", 1, 1);

  public static final DataType I8 = new DataType("I8", 1, 1);
  public static final DataType I16 = new DataType("I16", 1, 2);
  public static final DataType I32 = new DataType("I32", 1, 4);
  public static final DataType I64 = new DataType("I64", 1, 8);

  /**
   * half d; 16 bytes of nibbles: low nibbles are elements 0-15, high ones 16-31. w = d * (q - 8).
   */
  public static final DataType Q4_0 = new DataType("Q4_0", 32, 18);

  /** half d, half m; 16 bytes of nibbles as Q4_0. w = d * q + m. */
  public static final DataType Q4_1 = new DataType("Q4_1", 32, 20);

  /** half d; 32 fifth bits (bit i for element i); 16 bytes of nibbles. w = d * (q - 16). */
  public static final DataType Q5_0 = new DataType("Q5_0", 32, 22);

  /** half d, half m; 32 fifth bits; 16 bytes of nibbles. w = d * q + m. */
  public static final DataType Q5_1 = new DataType("Q5_1", 32, 24);

  /** half d; 32 signed bytes. w = d * q. */
  public static final DataType Q8_0 = new DataType("Q8_0", 32, 34);

  /**
   * 16 bytes of (scale | min &lt;&lt; 4) for 16 groups of 16; 64 bytes of 2-bit numbers; half d,
   * half dmin. w = d * scale * q - dmin * min.
   */
  public static final DataType Q2_K = new DataType("Q2_K", 256, 84);

  /**
   * 32 bytes of high bits; 64 bytes of low 2 bits; 12 bytes of 6-bit scales for 16 groups of 16;
   * half d. w = d * (scale - 32) * (q - 4).
   */
  public static final DataType Q3_K = new DataType("Q3_K", 256, 110);

  /**
   * half d, half dmin; 12 bytes of 6-bit scales and mins for 8 groups of 32; 128 bytes of nibbles.
   * w = d * scale * q - dmin * min.
   */
  public static final DataType Q4_K = new DataType("Q4_K", 256, 144);

  /**
   * half d, half dmin; 12 bytes of 6-bit scales and mins; 32 bytes of fifth bits; 128 bytes of
   * nibbles. w = d * scale * q - dmin * min.
   */
  public static final DataType Q5_K = new DataType("Q5_K", 256, 176);

  /**
   * 128 bytes of low nibbles; 64 bytes of high 2 bits; 16 signed byte scales for groups of 16; half
   * d. w = d * scale * (q - 32).
   */
  public static final DataType Q6_K = new DataType("Q6_K", 256, 210);

  /**
   * Float d; 256 signed bytes; 16 sums of 16 as 16-bit integers. An intermediate form; not expected
   * as a weight.
   */
  public static final DataType Q8_K = new DataType("Q8_K", 256, 292);

  // The IQ types: w = scale * n, the integers n out of a Codebook. A codebook entry has 8 numbers
  // (4
  // for IQ3) for as many elements; "signs" are a byte, bit i set where number i of the entry is
  // negative, or 7 bits, to which an eighth is added so that an even number is set. Groups' nibbles
  // stand low half first.

  /** half d; 16 bytes of nibbles as Q4_0, each the entry of {@link Codebook#IQ4}. w = d * n. */
  public static final DataType IQ4_NL = new DataType("IQ4_NL", 32, 18);

  /**
   * half d; 2 bytes of high 2 bits and 4 bytes of low nibbles of 6-bit scales for 8 groups of 32;
   * for each group 16 bytes of nibbles as IQ4_NL. w = d * (scale - 32) * n.
   */
  public static final DataType IQ4_XS = new DataType("IQ4_XS", 256, 136);

  /**
   * half d; for each of 8 groups of 32 four bytes, the entries, and an int: 7 bits of signs for
   * each entry from the lowest on, then a 4-bit scale. w = d * (scale + 1/2) / 4 * n.
   */
  public static final DataType IQ2_XXS = new DataType("IQ2_XXS", 256, 66);

  /**
   * half d; for each of 32 entries a short: 9 bits for the entry, 7 of signs; nibbles, the scales
   * of 16 groups of 16. w = d * (scale + 1/2) / 4 * n.
   */
  public static final DataType IQ2_XS = new DataType("IQ2_XS", 256, 74);

  /**
   * half d; 32 bytes, the low bits of the entries; 32 bytes of signs; 8 bytes of 2 high bits for
   * each entry; nibbles, the scales of 16 groups of 16. w = d * (scale + 1/2) / 4 * n.
   */
  public static final DataType IQ2_S = new DataType("IQ2_S", 256, 82);

  /**
   * half d; 64 bytes, the entries; for each of 8 groups of 32 an int: 7 bits of signs for two
   * entries each, then a 4-bit scale. w = d * (scale + 1/2) / 2 * n.
   */
  public static final DataType IQ3_XXS = new DataType("IQ3_XXS", 256, 98);

  /**
   * half d; 64 bytes, the low bits of the entries; 8 bytes of a ninth bit for each; 32 bytes of
   * signs for two entries each; nibbles, the scales of 8 groups of 32. w = d * (2 scale + 1) * n.
   */
  public static final DataType IQ3_S = new DataType("IQ3_S", 256, 110);

  /**
   * half d; 32 bytes, the low bits of the entries of {@link Codebook#IQ1}; for each of 8 groups of
   * 32 a short: 3 high bits for each entry, a 3-bit scale, and a bit: set, delta is -1/8, else 1/8.
   * w = d * (2 scale + 1) * (n + delta).
   */
  public static final DataType IQ1_S = new DataType("IQ1_S", 256, 50);

  /**
   * 32 bytes, the low bits of the entries of {@link Codebook#IQ1}; a nibble for each entry: 3 high
   * bits, and the sign of delta as IQ1_S; 4 shorts, each four 3-bit scales for groups of 16, and in
   * the highest bits a quarter of the half d, lowest first. w = d * (2 scale + 1) * (n + delta).
   */
  public static final DataType IQ1_M = new DataType("IQ1_M", 256, 56);

  public DataType {
    Objects.requireNonNull(name, "name");
    if (blockElements < 1 || blockBytes < 1) {
      throw new IllegalArgumentException(
          "data type "
              + name
              + " needs positive block sizes, found "
              + blockElements
              + " elements in "
              + blockBytes
              + " bytes");
    }
  }

  /** The types that this class names, in no particular order. */
  public static List<DataType> standard() {
    return List.of(
        F64, F32, F16, BF16, F8_E4M3, I8, I16, I32, I64, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K,
        Q4_K, Q5_K, Q6_K, Q8_K, IQ4_NL, IQ4_XS, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ1_S,
        IQ1_M);
  }

  /** A {@link #standard()} type by its name. */
  public static Optional<DataType> named(String name) {
    return standard().stream().filter(type -> type.name.equals(name)).findFirst();
  }

  /** Whether numbers are stored in groups that share scales. */
  public boolean isBlocked() {
    return blockElements > 1;
  }

  /** Whether each number is a floating point number of its own (F64, F32, F16, BF16, FP8). */
  public boolean isFloat() {
    return blockElements == 1 && (name.startsWith("F") || name.startsWith("BF"));
  }

  /**
   * Bytes that so many consecutive numbers take.
   *
   * @throws IllegalArgumentException if they are not a whole number of blocks
   * @throws ArithmeticException if the size does not fit 63 bits
   */
  public long bytes(long elements) {
    if (elements < 0 || elements % blockElements != 0) {
      throw new IllegalArgumentException(
          elements + " numbers are not a whole number of " + name + " blocks of " + blockElements);
    }
    return Math.multiplyExact(elements / blockElements, (long) blockBytes);
  }

  @Override
  public String toString() {
    return name;
  }
}
