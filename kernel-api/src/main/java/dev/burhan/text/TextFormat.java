package dev.burhan.text;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.provider.Provider;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** Builds tokenizers and chat formats from what a checkpoint carries. */
@ConsumerType
public interface TextFormat extends Provider {

  /** Whether the checkpoint carries a tokenizer of a kind that this provider knows; cheap. */
  boolean supports(Checkpoint checkpoint);

  /**
   * The checkpoint's tokenizer.
   *
   * @throws dev.burhan.checkpoint.CheckpointException if it is damaged or uses what is not
   *     supported
   */
  Tokenizer tokenizer(Checkpoint checkpoint);

  /** The checkpoint's chat template, if it has one. */
  Optional<ChatFormat> chatFormat(Checkpoint checkpoint);
}
