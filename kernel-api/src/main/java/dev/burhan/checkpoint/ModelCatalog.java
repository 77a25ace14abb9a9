package dev.burhan.checkpoint;

import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** Models by name. */
@ConsumerType
public interface ModelCatalog extends Provider {

  /**
   * A model that can be fetched by name.
   *
   * @param name what a user types
   * @param title the model's full name
   * @param licence SPDX identifier
   * @param bytes size of the file
   * @param sha256 lower case hexadecimal
   * @param sources where it is looked for, in order, in words for people
   */
  record Entry(
      String name, String title, String licence, long bytes, String sha256, List<String> sources) {
    public Entry {
      sources = List.copyOf(sources);
    }
  }

  List<Entry> entries();

  /** Whether one of the {@link #entries()} has this name; asked at each start. */
  default boolean has(String name) {
    return entries().stream().anyMatch(entry -> entry.name().equals(name));
  }

  /**
   * Where the model's file lies, if it was fetched already; fetches nothing.
   *
   * @param name of one of the {@link #entries()}
   */
  default Optional<Path> cached(String name) {
    return Optional.empty();
  }

  /**
   * The model's file in the local cache, fetched and checked first if it is not there.
   *
   * @param name of one of the {@link #entries()}
   * @throws dev.burhan.provider.BurhanException if no source has it; says what each source
   *     answered, leaves no partial file under the final name
   */
  Path fetch(String name, Progress progress);

  /** The folder that fetched models are kept in, if there is one. */
  default Optional<Path> folder() {
    return Optional.empty();
  }
}
