package dev.burhan.kernel.receipt;

import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Typed reads of one JSON object of a receipt; what is missing or of another kind is named. */
final class ReceiptFields {
  private final String what;
  private final String path;
  private final Map<?, ?> fields;

  ReceiptFields(String what, Map<?, ?> fields) {
    this(what, "", fields);
  }

  private ReceiptFields(String what, String path, Map<?, ?> fields) {
    this.what = what;
    this.path = path;
    this.fields = fields;
  }

  /** The error for a field. */
  UsageException wrong(String name, String expected) {
    Object found = fields.get(name);
    return new UsageException(
        "%s is damaged: '%s%s' should be %s, found %s"
            .formatted(
                what,
                path,
                name,
                expected,
                fields.containsKey(name) ? shortened(String.valueOf(found)) : "nothing"));
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? "'" + text + "'" : "'" + text.substring(0, 60) + "…'";
  }

  private <T> Optional<T> find(String name, Class<T> type, String expected) {
    Object value = fields.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      throw wrong(name, expected);
    }
    return Optional.of(type.cast(value));
  }

  ReceiptFields object(String name) {
    return new ReceiptFields(what, path + name + ".", map(name));
  }

  Map<?, ?> map(String name) {
    return find(name, Map.class, "an object").orElseThrow(() -> wrong(name, "an object"));
  }

  String text(String name) {
    return textIfAny(name).orElseThrow(() -> wrong(name, "a text"));
  }

  Optional<String> textIfAny(String name) {
    return find(name, String.class, "a text");
  }

  boolean flag(String name) {
    return find(name, Boolean.class, "true or false")
        .orElseThrow(() -> wrong(name, "true or false"));
  }

  int integer(String name) {
    return integerIfAny(name).orElseThrow(() -> wrong(name, "an integer"));
  }

  Optional<Integer> integerIfAny(String name) {
    return find(name, Long.class, "an integer")
        .map(value -> whole(value, name, "an integer of 32 bits"));
  }

  /** 64 bits, written as a text: JavaScript's numbers have 53. */
  long wide(String name) {
    try {
      return Long.parseLong(text(name));
    } catch (NumberFormatException e) {
      throw wrong(name, "an integer as text");
    }
  }

  double number(String name) {
    return switch (fields.get(name)) {
      case Long whole -> whole;
      case Double number -> number;
      case null, default -> throw wrong(name, "a number");
    };
  }

  List<Integer> ids(String name) {
    List<Integer> ids = new ArrayList<>();
    for (Object id : list(name, "an array of token ids")) {
      if (!(id instanceof Long value)) {
        throw wrong(name, "an array of token ids");
      }
      ids.add(whole(value, name, "an array of token ids"));
    }
    return ids;
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (Object text : list(name, "an array of texts")) {
      if (!(text instanceof String value)) {
        throw wrong(name, "an array of texts");
      }
      texts.add(value);
    }
    return texts;
  }

  private List<?> list(String name, String expected) {
    return find(name, List.class, expected).orElseThrow(() -> wrong(name, expected));
  }

  private int whole(long value, String name, String expected) {
    if (value != (int) value) {
      throw wrong(name, expected);
    }
    return (int) value;
  }
}
