package dev.burhan.kernel.plan;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A config.json as a Hugging Face folder that has nothing else. */
record ConfigurationOnly(Path path, Metadata metadata) implements Checkpoint {

  /**
   * Read by the format that reads folders.
   *
   * @param path what it is called in errors
   */
  static ConfigurationOnly read(Path path, byte[] json, Host host) {
    try {
      Path folder = Files.createTempDirectory("burhan-plan");
      Path file = folder.resolve("config.json");
      try {
        Files.write(file, json);
        return read(path, folder, file, host);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ConfigurationOnly read(Path path, Path folder, Path file, Host host) {
    try (Checkpoint copy = host.openCheckpoint(folder.toString(), Progress.NONE)) {
      Map<String, Object> values = new LinkedHashMap<>();
      for (String key : copy.metadata().keys()) {
        values.put(key, copy.metadata().value(key).orElseThrow());
      }
      return new ConfigurationOnly(path, new Metadata(path.toString(), values));
    } catch (CheckpointException e) {
      throw new BurhanException(e.getMessage().replace(file.toString(), path.toString()), e);
    }
  }

  @Override
  public String format() {
    return "safetensors";
  }

  @Override
  public List<Path> files() {
    return List.of();
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Map.of();
  }

  @Override
  public TensorInfo tensor(String name) {
    throw new CheckpointException(path + ": there is no tensor '" + name + "', it holds none");
  }

  @Override
  public MemorySegment data(String tensor) {
    throw new CheckpointException(path + ": there is no tensor '" + tensor + "', it holds none");
  }

  @Override
  public void read(String tensor, long offset, MemorySegment to) {
    data(tensor);
  }

  @Override
  public Optional<byte[]> document(String name) {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
