package dev.burhan.checkpoint.convert;

import dev.burhan.checkpoint.quantise.Quantiser;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which type each tensor gets when the file is asked to be of one. Vectors and the router stay F32;
 * the matrix of the logits is Q6_K where the others are smaller; a row that is no whole number of
 * blocks gets the next type that it is one of, as llama.cpp chooses it.
 *
 * @param wanted of all the rest
 * @param tied whether the embedding is the matrix of the logits
 */
record TypeChoice(DataType wanted, boolean tied) {
  /** Numbers of llama.cpp's {@code llama_ftype}, for {@code general.file_type}. */
  private static final Map<DataType, Integer> FILE_TYPES =
      Map.ofEntries(
          Map.entry(DataType.F32, 0),
          Map.entry(DataType.F16, 1),
          Map.entry(DataType.Q4_0, 2),
          Map.entry(DataType.Q4_1, 3),
          Map.entry(DataType.Q8_0, 7),
          Map.entry(DataType.Q5_0, 8),
          Map.entry(DataType.Q5_1, 9),
          Map.entry(DataType.Q4_K, 14),
          Map.entry(DataType.Q5_K, 16),
          Map.entry(DataType.Q6_K, 18),
          Map.entry(DataType.BF16, 32));

  private static final List<DataType> SMALLER_THAN_Q6 =
      List.of(
          DataType.Q4_0, DataType.Q4_1, DataType.Q5_0, DataType.Q5_1, DataType.Q4_K, DataType.Q5_K);

  static DataType named(String name) {
    String wanted = name.toUpperCase(Locale.ROOT);
    return Quantiser.types().stream()
        .filter(type -> type.name().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "--type should be one of " + Quantiser.types() + ", found '" + name + "'"));
  }

  int fileType() {
    return FILE_TYPES.get(wanted);
  }

  DataType of(String name, Shape shape) {
    if (shape.rank() < 2 || name.contains("ffn_gate_inp.")) {
      return DataType.F32;
    }
    boolean head = name.equals(tied ? "token_embd.weight" : "output.weight");
    DataType type = head && SMALLER_THAN_Q6.contains(wanted) ? DataType.Q6_K : wanted;
    while (shape.cols() % type.blockElements() != 0) {
      type = next(type);
    }
    return type;
  }

  private static DataType next(DataType type) {
    return switch (type.name()) {
      case "Q4_K" -> DataType.Q5_0;
      case "Q5_K" -> DataType.Q5_1;
      case "Q6_K" -> DataType.Q8_0;
      default -> DataType.F16;
    };
  }
}
