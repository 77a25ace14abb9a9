package dev.burhan.kernel.testing;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A checkpoint made of tensors in memory, for tests. */
public final class MemoryCheckpoint implements Checkpoint {
  private final String format;
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, MemorySegment> data = new LinkedHashMap<>();
  private final Arena arena = Arena.ofShared();
  private boolean closed;
  private boolean read;

  public MemoryCheckpoint(String format) {
    this.format = format;
  }

  public MemoryCheckpoint key(String key, Object value) {
    metadata.put(key, value);
    return this;
  }

  /** Adds a tensor's bytes, at an address that is {@code skew} bytes after one aligned to 64. */
  public MemoryCheckpoint tensor(
      String name, DataType type, Shape shape, MemorySegment bytes, int skew) {
    MemorySegment copy = arena.allocate(bytes.byteSize() + skew, 64).asSlice(skew);
    copy.copyFrom(bytes);
    data.put(name, copy.asReadOnly());
    tensors.put(
        name,
        new TensorInfo(name, type, shape, path(), 0, shape.rows() * type.bytes(shape.cols())));
    return this;
  }

  public MemoryCheckpoint tensor(String name, DataType type, Shape shape, MemorySegment bytes) {
    return tensor(name, type, shape, bytes, 0);
  }

  /** Adds an F32 tensor. */
  public MemoryCheckpoint tensor(String name, Shape shape, float... numbers) {
    MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_FLOAT, numbers);
    return tensor(name, DataType.F32, shape, bytes);
  }

  public boolean isClosed() {
    return closed;
  }

  /** Whether a tensor's numbers were asked for. */
  public boolean wasRead() {
    return read;
  }

  @Override
  public Path path() {
    return Path.of("memory");
  }

  @Override
  public String format() {
    return format;
  }

  @Override
  public List<Path> files() {
    return List.of();
  }

  @Override
  public Metadata metadata() {
    return new Metadata("memory", metadata);
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public TensorInfo tensor(String name) {
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw new CheckpointException("memory: tensor '" + name + "' is missing");
    }
    return info;
  }

  @Override
  public MemorySegment data(String tensor) {
    read = true;
    tensor(tensor);
    return data.get(tensor);
  }

  @Override
  public void read(String tensor, long offset, MemorySegment to) {
    to.copyFrom(data(tensor).asSlice(offset, to.byteSize()));
  }

  @Override
  public Optional<byte[]> document(String name) {
    return Optional.empty();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
    }
  }
}
