package dev.burhan.kernel.inspect;

import dev.burhan.kernel.report.JsonText;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Metadata values, long ones abbreviated: a vocabulary is no reading matter. */
final class MetadataText {
  private static final int FIRST_ITEMS = 4;
  private static final int LONGEST_ARRAY = 16;
  private static final int LONGEST_TEXT = 100;

  private MetadataText() {}

  /** For people, on one line. */
  static String line(Object value) {
    if (!value.getClass().isArray()) {
      return value instanceof String text ? shortened(JsonText.of(text)) : value.toString();
    }
    int length = Array.getLength(value);
    if (length <= LONGEST_ARRAY) {
      return shortened(JsonText.of(value));
    }
    String items = JsonText.of(firstItems(value));
    return shortened(items.substring(0, items.length() - 1) + ", ...") + "  (" + length + " items)";
  }

  /** For JSON: a long array becomes its length and first items, a long text is cut. */
  static Object json(Object value) {
    if (value instanceof String text) {
      return shortened(text);
    }
    if (!value.getClass().isArray() || Array.getLength(value) <= LONGEST_ARRAY) {
      return value;
    }
    Map<String, Object> abbreviated = new LinkedHashMap<>();
    abbreviated.put("length", Array.getLength(value));
    abbreviated.put("first", firstItems(value));
    return abbreviated;
  }

  private static List<Object> firstItems(Object array) {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < FIRST_ITEMS; i++) {
      items.add(Array.get(array, i));
    }
    return items;
  }

  private static String shortened(String text) {
    int length = text.codePointCount(0, text.length());
    return length <= LONGEST_TEXT
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST_TEXT))
            + "... ("
            + length
            + " characters)";
  }
}
