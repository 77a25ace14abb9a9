package dev.burhan.kernel.packed;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * SHA-256 of what a model is: of a checkpoint that is one file the file's own, as {@code sha256sum}
 * tells it; of a folder a hash over those of its files in order and of its config.json. Remembered
 * for files that did not change. Thread-safe.
 */
public final class CheckpointHash {
  private static final String CONFIG = "config.json";

  private final Map<List<ContentHash.State>, String> known = new ConcurrentHashMap<>();

  /**
   * The hash in hexadecimal digits.
   *
   * @param folder where hashes of files are remembered between processes, if anywhere
   * @throws BurhanException if a file can't be read or changes meanwhile
   */
  public String of(Checkpoint checkpoint, Optional<PackedFolder> folder) {
    try {
      List<ContentHash.State> states = new ArrayList<>();
      for (Path file : checkpoint.files()) {
        states.add(ContentHash.State.of(file));
      }
      if (states.isEmpty()) {
        return ofTensors(checkpoint);
      }
      String remembered = known.get(states);
      if (remembered != null) {
        return remembered;
      }
      List<String> hashes = new ArrayList<>();
      for (ContentHash.State state : states) {
        hashes.add(file(state, folder.map(PackedFolder::hashes)));
      }
      checkpoint.document(CONFIG).map(bytes -> hex(digest(bytes))).ifPresent(hashes::add);
      String hash = hashes.size() == 1 ? hashes.getFirst() : hex(together(hashes));
      known.put(List.copyOf(states), hash);
      return hash;
    } catch (IOException e) {
      throw new BurhanException(
          checkpoint.path() + " can't be read for its hash: " + e.getMessage(), e);
    }
  }

  private static String file(ContentHash.State state, Optional<ContentHash> memory)
      throws IOException {
    Optional<String> hash = memory.flatMap(hashes -> hashes.remembered(state));
    if (hash.isEmpty()) {
      hash =
          memory.isPresent() && state.isQuiet(Instant.now())
              ? memory.get().compute(state, () -> false)
              : ContentHash.read(state, () -> false);
    }
    return hash.orElseThrow(
        () -> new BurhanException(state.file() + " changes while it is read; try again"));
  }

  private static byte[] together(List<String> hashes) {
    return digest(String.join("", hashes).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] digest(byte[] bytes) {
    return ContentHash.digest().digest(bytes);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** Of a checkpoint that no file holds: its tensors, each with name, type and shape. */
  private static String ofTensors(Checkpoint checkpoint) {
    MessageDigest digest = ContentHash.digest();
    for (TensorInfo tensor : checkpoint.tensors().values()) {
      String head = tensor.name() + " " + tensor.type().name() + " " + tensor.shape().dims() + "\n";
      digest.update(head.getBytes(StandardCharsets.UTF_8));
      digest.update(checkpoint.data(tensor.name()).asByteBuffer());
    }
    return hex(digest.digest());
  }
}
