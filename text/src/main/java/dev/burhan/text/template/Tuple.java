package dev.burhan.text.template;

import java.util.List;

/** A Python tuple: differs from a list in how it prints and compares. */
record Tuple(List<Object> items) {
  static Tuple of(Object... items) {
    return new Tuple(java.util.Arrays.asList(items));
  }
}
