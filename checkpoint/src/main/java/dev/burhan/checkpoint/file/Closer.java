package dev.burhan.checkpoint.file;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files opened one after the other; all are closed again unless the last step succeeds. */
public final class Closer implements AutoCloseable {
  private final List<ModelFile> files = new ArrayList<>();
  private boolean kept;

  public ModelFile open(Path path) {
    ModelFile file = ModelFile.open(path);
    files.add(file);
    return file;
  }

  /** The files, which stay open. */
  public List<ModelFile> keep() {
    kept = true;
    return List.copyOf(files);
  }

  @Override
  public void close() {
    if (!kept) {
      files.forEach(ModelFile::close);
    }
  }
}
