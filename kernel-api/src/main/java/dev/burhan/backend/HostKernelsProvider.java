package dev.burhan.backend;

import dev.burhan.provider.Provider;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** Offers a library of {@link HostKernels}. */
@ConsumerType
public interface HostKernelsProvider extends Provider {

  /**
   * Option: {@code f32} keeps activations in F32 for every weight type, {@code q8} allows 8 bits
   * for quantised weights.
   */
  String ACTIVATIONS = "activations";

  /**
   * Whether it may be chosen when nobody names it. The oracle may not: it is there to be compared
   * with.
   */
  default boolean selectable() {
    return true;
  }

  /**
   * Whether it has a part of the ops only, and works with a library beside it that has the others.
   */
  default boolean partial() {
    return false;
  }

  /**
   * Opens the library.
   *
   * @param options by the option's name; values that are not understood are refused with a {@link
   *     dev.burhan.provider.UsageException}
   */
  HostKernels open(Map<String, String> options);
}
