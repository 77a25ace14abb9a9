package dev.burhan.checkpoint;

import dev.burhan.provider.Provider;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ConsumerType;

/** A format of checkpoints: GGUF files, Hugging Face folders. */
@ConsumerType
public interface CheckpointFormat extends Provider {

  /**
   * Whether this looks like this format, from the first bytes or the names within the folder; never
   * from the name of a file.
   */
  boolean recognises(Path path);

  /**
   * Opens it, checking the whole header: lengths, offsets, overlaps, types and shapes.
   *
   * @throws CheckpointException with one clear line for whatever is wrong
   */
  Checkpoint open(Path path);
}
