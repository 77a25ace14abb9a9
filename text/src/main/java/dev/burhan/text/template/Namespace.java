package dev.burhan.text.template;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code namespace(...)}: an object whose attributes a template may set, also from within a loop.
 */
final class Namespace implements HasAttributes {
  private final Map<String, Object> values = new LinkedHashMap<>();

  void set(String name, Object value) {
    values.put(name, value);
  }

  @Override
  public Object attribute(String name) {
    return values.containsKey(name) ? values.get(name) : Undefined.attribute(this, name);
  }
}
