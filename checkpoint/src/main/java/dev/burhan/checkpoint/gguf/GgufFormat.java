package dev.burhan.checkpoint.gguf;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.CheckpointFormat;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.file.Closer;
import dev.burhan.checkpoint.file.FileCheckpoint;
import dev.burhan.checkpoint.file.ModelFile;
import dev.burhan.provider.Provider;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** GGUF files, whole or split. */
@Component(service = Provider.class)
public final class GgufFormat implements CheckpointFormat {

  @Override
  public String name() {
    return "gguf";
  }

  @Override
  public boolean recognises(Path path) {
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      return false;
    }
    try (ModelFile file = ModelFile.open(path)) {
      var start = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      if (file.size() < 4) {
        return false;
      }
      file.read(0, start);
      return start.getInt(0) == GgufHeader.MAGIC;
    } catch (CheckpointException e) {
      return false;
    }
  }

  @Override
  public Checkpoint open(Path path) {
    try (var files = new Closer()) {
      GgufHeader first = GgufHeader.read(files.open(path));
      Map<String, TensorInfo> tensors = new LinkedHashMap<>(first.tensors());
      Optional<GgufSplit> split = GgufSplit.of(path, first);
      if (split.isPresent()) {
        split.get().addShards(tensors, files);
      }
      var metadata = new Metadata(path.toString(), first.values());
      return new FileCheckpoint(
          path, name(), metadata, tensors, files.keep(), document -> Optional.empty());
    }
  }
}
