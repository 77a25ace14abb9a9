package dev.burhan.kernel.testing;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tensors one after another in a file that is mapped, for tests of what stays resident. */
public final class MappedCheckpoint implements Checkpoint {
  private final Path file;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Arena arena = Arena.ofShared();
  private final FileChannel channel;
  private final MemorySegment mapped;

  private MappedCheckpoint(Path file) throws IOException {
    this.file = file;
    this.channel = FileChannel.open(file, StandardOpenOption.READ);
    this.mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
  }

  /** A checkpoint of equal tensors that fill a file. */
  public static MappedCheckpoint of(Path file, DataType type, Shape shape, String... names) {
    try {
      MappedCheckpoint checkpoint = new MappedCheckpoint(file);
      long bytes = shape.rows() * type.bytes(shape.cols());
      for (String name : names) {
        long offset = bytes * checkpoint.tensors.size();
        checkpoint.tensors.put(name, new TensorInfo(name, type, shape, file, offset, bytes));
      }
      return checkpoint;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How much of the file's mapping is resident, where the system tells (Linux). */
  public static Optional<Long> residentBytes(Path file) {
    try {
      long kilobytes = 0;
      boolean here = false;
      for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
        if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
          here = line.endsWith(" " + file.toRealPath());
        } else if (here && line.startsWith("Rss:")) {
          kilobytes += Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
      return Optional.of(kilobytes * 1024);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public Path path() {
    return file;
  }

  @Override
  public String format() {
    return "mapped";
  }

  @Override
  public List<Path> files() {
    return List.of(file);
  }

  @Override
  public Metadata metadata() {
    return new Metadata(file.toString(), Map.of());
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public TensorInfo tensor(String name) {
    return Optional.ofNullable(tensors.get(name))
        .orElseThrow(() -> new CheckpointException(file + ": tensor '" + name + "' is missing"));
  }

  @Override
  public MemorySegment data(String tensor) {
    TensorInfo info = tensor(tensor);
    return mapped.asSlice(info.offset(), info.bytes());
  }

  @Override
  public void read(String tensor, long offset, MemorySegment to) {
    try {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(to.byteSize()));
      for (long at = tensor(tensor).offset() + offset; bytes.hasRemaining(); ) {
        int count = channel.read(bytes, at);
        if (count < 0) {
          throw new CheckpointException(file + " ended at byte " + at);
        }
        at += count;
      }
      to.copyFrom(MemorySegment.ofBuffer(bytes.flip()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<byte[]> document(String name) {
    return Optional.empty();
  }

  @Override
  public void close() {
    try {
      if (channel.isOpen()) {
        channel.close();
        arena.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
