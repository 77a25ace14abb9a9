package dev.burhan.text.support;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A GGUF checkpoint of metadata alone. */
public record MetadataCheckpoint(Map<String, Object> values) implements Checkpoint {

  @Override
  public Path path() {
    return Path.of("test.gguf");
  }

  @Override
  public String format() {
    return "gguf";
  }

  @Override
  public List<Path> files() {
    return List.of();
  }

  @Override
  public Metadata metadata() {
    return new Metadata(path().toString(), values);
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Map.of();
  }

  @Override
  public TensorInfo tensor(String name) {
    throw new CheckpointException("there are no tensors");
  }

  @Override
  public MemorySegment data(String tensor) {
    throw new CheckpointException("there are no tensors");
  }

  @Override
  public void read(String tensor, long offset, MemorySegment to) {
    throw new CheckpointException("there are no tensors");
  }

  @Override
  public Optional<byte[]> document(String name) {
    return Optional.empty();
  }

  @Override
  public void close() {
    // holds nothing
  }
}
