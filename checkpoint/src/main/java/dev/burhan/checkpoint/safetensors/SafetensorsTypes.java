package dev.burhan.checkpoint.safetensors;

import dev.burhan.tensor.DataType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The data types of the safetensors format (github.com/huggingface/safetensors, {@code Dtype}). */
final class SafetensorsTypes {
  private static final List<DataType> OWN =
      List.of(
          new DataType("BOOL", 1, 1),
          new DataType("U8", 1, 1),
          new DataType("U16", 1, 2),
          new DataType("U32", 1, 4),
          new DataType("U64", 1, 8),
          new DataType("C64", 1, 8),
          new DataType("F8_E5M2", 1, 1),
          new DataType("F8_E8M0", 1, 1),
          new DataType("F6_E2M3", 4, 3),
          new DataType("F6_E3M2", 4, 3),
          new DataType("F4", 2, 1));

  private static final Map<String, DataType> BY_NAME =
      Stream.concat(DataType.standard().stream().filter(type -> !type.isBlocked()), OWN.stream())
          .collect(Collectors.toUnmodifiableMap(DataType::name, Function.identity()));

  private SafetensorsTypes() {}

  static Optional<DataType> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  static String known() {
    return BY_NAME.keySet().stream().sorted().collect(Collectors.joining(", "));
  }
}
