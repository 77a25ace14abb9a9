package dev.burhan.backend;

import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** Offers a {@link Backend}: something that compiles a whole graph by itself, such as a GPU. */
@ConsumerType
public interface BackendProvider extends Provider {

  /**
   * Opens the backend.
   *
   * @param options by the option's name; unknown ones are refused with a {@link
   *     dev.burhan.provider.UsageException}
   */
  Backend open(Map<String, String> options, Host host);
}
