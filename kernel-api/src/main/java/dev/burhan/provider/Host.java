package dev.burhan.provider;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.Engine;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What the kernel gives to providers and commands. One per kernel; thread-safe.
 *
 * <p>The kernel registers its one as an OSGi service of this type, and lists a class with a
 * no-argument constructor in {@code META-INF/services/dev.burhan.provider.Host} for a flat class
 * path. Whoever loads that one closes it if it is {@link AutoCloseable}.
 */
@ProviderType
public interface Host {

  /**
   * The providers of a kind that are there at this moment, usable ones first, then by rank (highest
   * first) and name.
   */
  <P extends Provider> List<P> providers(Class<P> type);

  /**
   * The usable provider of that kind and name.
   *
   * @throws UsageException if there is none of that name (the message lists those there are), or it
   *     is unusable (and why)
   */
  <P extends Provider> P provider(Class<P> type, String name);

  /**
   * Opens a checkpoint. The caller closes it.
   *
   * @param model a file, a folder, or a catalogue name, in this order; a catalogue name is fetched
   *     when it is not there yet
   * @throws BurhanException if it is none of these, can't be fetched, or no format reads it
   */
  Checkpoint openCheckpoint(String model, Progress progress);

  /**
   * The tokenizer that a checkpoint carries.
   *
   * @throws BurhanException if the checkpoint has none or none that a text format supports
   */
  Tokenizer tokenizer(Checkpoint checkpoint);

  /** The chat template that a checkpoint carries, if any. */
  Optional<ChatFormat> chatFormat(Checkpoint checkpoint);

  Engine engine();

  HostMemory memory();

  /** What was configured outside of the command line. */
  default Settings settings() {
    return Settings.none();
  }
}
