package dev.burhan.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * An open checkpoint: tensors by name, metadata, and the documents beside them. Thread-safe. A
 * folder with tokenizer files only is a checkpoint without tensors.
 */
@ConsumerType
public interface Checkpoint extends AutoCloseable {

  /** The file or folder, as it is named in errors. */
  Path path();

  /**
   * The format's name: {@code "gguf"}, {@code "safetensors"}. It tells which vocabulary of keys and
   * tensor names to expect.
   */
  String format();

  /** Every file that tensors are read from, in order. */
  List<Path> files();

  /** GGUF's key-value pairs; for a Hugging Face folder config.json, nested keys joined by dots. */
  Metadata metadata();

  /** All tensors, in file order. */
  Map<String, TensorInfo> tensors();

  /**
   * A tensor that must be there.
   *
   * @throws CheckpointException if it is not; names the checkpoint and the nearest names there are
   */
  TensorInfo tensor(String name);

  /**
   * A tensor's bytes in the file's own layout, read-only, mapped where the format can; valid until
   * {@link #close()}. A whole number of blocks, exactly {@link TensorInfo#bytes()} long.
   */
  MemorySegment data(String tensor);

  /**
   * Reads by position, without touching the mapping: a file that shrank meanwhile is an error and
   * never a signal.
   *
   * @param offset first byte within the tensor
   * @param to filled from its start to its end
   * @throws CheckpointException if the range is not within the tensor or the file does not have it
   *     any more
   */
  void read(String tensor, long offset, MemorySegment to);

  /**
   * A side file of a Hugging Face folder by name ({@code tokenizer.json}, {@code
   * chat_template.jinja}, ...), if it is there.
   */
  Optional<byte[]> document(String name);

  /** Unmaps; idempotent. The caller guarantees that nobody reads {@link #data} any more. */
  @Override
  void close();
}
