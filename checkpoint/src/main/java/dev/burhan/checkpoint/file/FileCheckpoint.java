package dev.burhan.checkpoint.file;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A checkpoint over open files. The format that makes it has checked every tensor against its file.
 */
public final class FileCheckpoint implements Checkpoint {
  private final Path path;
  private final String format;
  private final Metadata metadata;
  private final Map<String, TensorInfo> tensors;
  private final Map<Path, ModelFile> files = new LinkedHashMap<>();
  private final Function<String, Optional<byte[]>> documents;
  private volatile boolean closed;

  /**
   * Takes over the files.
   *
   * @param tensors by name, in file order; each one's file is among {@code files}
   * @param documents reads a side file by its plain name
   */
  public FileCheckpoint(
      Path path,
      String format,
      Metadata metadata,
      Map<String, TensorInfo> tensors,
      List<ModelFile> files,
      Function<String, Optional<byte[]>> documents) {
    this.path = path;
    this.format = format;
    this.metadata = metadata;
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.documents = documents;
    files.forEach(file -> this.files.put(file.path(), file));
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public String format() {
    return format;
  }

  @Override
  public List<Path> files() {
    return List.copyOf(files.keySet());
  }

  @Override
  public Metadata metadata() {
    return metadata;
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public TensorInfo tensor(String name) {
    TensorInfo found = tensors.get(name);
    if (found != null) {
      return found;
    }
    String missing = path + ": there is no tensor " + Text.quoted(name);
    if (tensors.isEmpty()) {
      throw new CheckpointException(missing + "; this checkpoint holds no tensors at all");
    }
    List<String> near =
        NearestNames.of(name, tensors.keySet(), 3).stream().map(Text::quoted).toList();
    throw new CheckpointException(
        missing
            + " among the "
            + tensors.size()
            + (near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?"));
  }

  @Override
  public MemorySegment data(String tensor) {
    requireOpen();
    TensorInfo info = tensor(tensor);
    return files.get(info.file()).mapped().asSlice(info.offset(), info.bytes());
  }

  @Override
  public void read(String tensor, long offset, MemorySegment to) {
    requireOpen();
    TensorInfo info = tensor(tensor);
    if (offset < 0 || offset > info.bytes() || to.byteSize() > info.bytes() - offset) {
      throw new CheckpointException(
          info.file()
              + ": tensor "
              + Text.quoted(tensor)
              + " has "
              + info.bytes()
              + " bytes; asked for "
              + to.byteSize()
              + " from byte "
              + offset);
    }
    if (to.isReadOnly()) {
      throw new IllegalArgumentException(
          "a read-only segment can't take the bytes of tensor " + Text.quoted(tensor));
    }
    try {
      files.get(info.file()).read(info.offset() + offset, to);
    } catch (CheckpointException e) {
      throw new CheckpointException("tensor " + Text.quoted(tensor) + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Optional<byte[]> document(String name) {
    requireOpen();
    return documents.apply(name);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the checkpoint " + path + " is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    files.values().forEach(ModelFile::close);
  }
}
