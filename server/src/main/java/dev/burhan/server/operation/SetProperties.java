package dev.burhan.server.operation;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * System properties that a bundle reads when it starts, for as long as it runs. What somebody has
 * set already stays.
 */
final class SetProperties implements AutoCloseable {
  private final Set<String> own = new HashSet<>();

  SetProperties(Map<String, String> values) {
    values.forEach(
        (name, value) -> {
          if (System.getProperties().putIfAbsent(name, value) == null) {
            own.add(name);
          }
        });
  }

  @Override
  public void close() {
    own.forEach(System::clearProperty);
  }
}
