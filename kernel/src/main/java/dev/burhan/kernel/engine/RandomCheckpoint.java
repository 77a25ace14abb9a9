package dev.burhan.kernel.engine;

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
import java.util.Random;

/** Tensors of numbers without meaning, in memory: for measurements. */
final class RandomCheckpoint implements Checkpoint {
  private static final Path PATH = Path.of("random");

  /**
   * Bytes from here on, some of them, are small positive numbers as the upper halves of every float
   * type: no NaN, and nothing so small that the processor would slow down.
   */
  private static final int LEAST_BYTE = 0x30;

  private static final int BYTES = 0x0c;

  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, MemorySegment> data = new LinkedHashMap<>();
  private final Arena arena = Arena.ofShared();

  RandomCheckpoint tensor(String name, DataType type, Shape shape) {
    long bytes = shape.rows() * type.bytes(shape.cols());
    MemorySegment segment = arena.allocate(bytes, 64);
    Random random = new Random(bytes);
    for (long i = 0; i < bytes; i++) {
      segment.set(ValueLayout.JAVA_BYTE, i, (byte) (LEAST_BYTE + random.nextInt(BYTES)));
    }
    data.put(name, segment.asReadOnly());
    tensors.put(name, new TensorInfo(name, type, shape, PATH, 0, bytes));
    return this;
  }

  @Override
  public Path path() {
    return PATH;
  }

  @Override
  public String format() {
    return "random";
  }

  @Override
  public List<Path> files() {
    return List.of();
  }

  @Override
  public Metadata metadata() {
    return new Metadata("random", Map.of());
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public TensorInfo tensor(String name) {
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw new CheckpointException("there is no random tensor '" + name + "'");
    }
    return info;
  }

  @Override
  public MemorySegment data(String tensor) {
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
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
