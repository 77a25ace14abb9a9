package dev.burhan.provider;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A provider that can be configured. Its keys, their types and defaults are the methods of one
 * annotation interface, which is also its {@code @ObjectClassDefinition}: so Declarative Services,
 * Metatype and a flat class path read the same list. A method's underscore stands for a dot in the
 * key.
 */
@ConsumerType
public interface Configurable extends Provider {
  /** The persistent identity: ConfigAdmin's, and the name of the file {@code conf/PID.cfg}. */
  String pid();

  /** The annotation interface. */
  Class<?> configuration();

  /**
   * Environment variables that are looked at after {@code BURHAN_KEY}, by key: those that other
   * tools use for the same.
   */
  default Map<String, List<String>> environment() {
    return Map.of();
  }
}
