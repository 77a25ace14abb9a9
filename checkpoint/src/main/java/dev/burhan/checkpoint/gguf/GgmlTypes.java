package dev.burhan.checkpoint.gguf;

import dev.burhan.tensor.DataType;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * ggml's tensor types by number, as {@code enum ggml_type} in ggml.h has them; block sizes as in
 * ggml-common.h. A type in this table can be opened and sized; whether a backend computes with it
 * is the backend's affair.
 */
public final class GgmlTypes {
  private static final Map<Integer, DataType> BY_NUMBER = table();
  private static final Map<Integer, String> REMOVED =
      Map.of(
          4,
          "Q4_2",
          5,
          "Q4_3",
          31,
          "Q4_0_4_4",
          32,
          "Q4_0_4_8",
          33,
          "Q4_0_8_8",
          36,
          "IQ4_NL_4_4",
          37,
          "IQ4_NL_4_8",
          38,
          "IQ4_NL_8_8");

  private GgmlTypes() {}

  static Optional<DataType> type(int number) {
    return Optional.ofNullable(BY_NUMBER.get(number));
  }

  /** What to say about a number that is not in the table. */
  static String unknown(long number) {
    String removed = number >= 0 && number < 64 ? REMOVED.get((int) number) : null;
    if (removed != null) {
      return "type "
          + number
          + " is ggml's "
          + removed
          + ", which was withdrawn; convert the model anew";
    }
    var last = ((TreeMap<Integer, DataType>) BY_NUMBER).lastEntry();
    return "type "
        + number
        + " is unknown; the types known here go up to "
        + last.getKey()
        + " ("
        + last.getValue()
        + ")";
  }

  /** The number that a type has in a file. */
  public static Optional<Integer> number(DataType type) {
    return BY_NUMBER.entrySet().stream()
        .filter(e -> e.getValue().equals(type))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static Map<Integer, DataType> table() {
    var types = new TreeMap<Integer, DataType>();
    types.put(0, DataType.F32);
    types.put(1, DataType.F16);
    types.put(2, DataType.Q4_0);
    types.put(3, DataType.Q4_1);
    types.put(6, DataType.Q5_0);
    types.put(7, DataType.Q5_1);
    types.put(8, DataType.Q8_0);
    types.put(
        9,
        new DataType(
            "Q8_1", 32, 36)); // 2 halves and 32 bytes since 2024; gguf-py still counts two floats
    types.put(10, DataType.Q2_K);
    types.put(11, DataType.Q3_K);
    types.put(12, DataType.Q4_K);
    types.put(13, DataType.Q5_K);
    types.put(14, DataType.Q6_K);
    types.put(15, DataType.Q8_K);
    types.put(16, DataType.IQ2_XXS);
    types.put(17, DataType.IQ2_XS);
    types.put(18, DataType.IQ3_XXS);
    types.put(19, DataType.IQ1_S);
    types.put(20, DataType.IQ4_NL);
    types.put(21, DataType.IQ3_S);
    types.put(22, DataType.IQ2_S);
    types.put(23, DataType.IQ4_XS);
    types.put(24, DataType.I8);
    types.put(25, DataType.I16);
    types.put(26, DataType.I32);
    types.put(27, DataType.I64);
    types.put(28, DataType.F64);
    types.put(29, DataType.IQ1_M);
    types.put(30, DataType.BF16);
    types.put(34, new DataType("TQ1_0", 256, 54));
    types.put(35, new DataType("TQ2_0", 256, 66));
    types.put(39, new DataType("MXFP4", 32, 17));
    types.put(40, new DataType("NVFP4", 64, 36));
    types.put(41, new DataType("Q1_0", 128, 18));
    return types;
  }
}
