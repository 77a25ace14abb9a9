package dev.burhan.checkpoint.safetensors;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.CheckpointFormat;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.file.Closer;
import dev.burhan.checkpoint.file.FileCheckpoint;
import dev.burhan.checkpoint.file.ModelFile;
import dev.burhan.provider.Provider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/**
 * Hugging Face folders: config.json, safetensors, and the documents beside them; or a single
 * safetensors file, whose metadata is then what it says under {@code __metadata__}.
 */
@Component(service = Provider.class)
public final class SafetensorsFormat implements CheckpointFormat {
  private static final long LARGEST_CONFIG = 16L << 20;

  /** Before the keys of generation_config.json, some of which config.json has as well. */
  private static final String GENERATION_PREFIX = "generation_config.";

  @Override
  public String name() {
    return "safetensors";
  }

  @Override
  public boolean recognises(Path path) {
    if (Files.isDirectory(path)) {
      var folder = new Folder(path);
      return Stream.concat(
              Stream.of(Folder.CONFIG, Folder.WEIGHTS, Folder.INDEX), Folder.TOKENIZERS.stream())
          .anyMatch(folder::has);
    }
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      return false;
    }
    try (ModelFile file = ModelFile.open(path)) {
      return SafetensorsHeader.recognises(file);
    } catch (CheckpointException e) {
      return false;
    }
  }

  @Override
  public Checkpoint open(Path path) {
    try (var files = new Closer()) {
      return Files.isDirectory(path) ? openFolder(new Folder(path), files) : openFile(path, files);
    }
  }

  private Checkpoint openFile(Path path, Closer files) {
    SafetensorsHeader header = SafetensorsHeader.read(files.open(path));
    var metadata = new Metadata(path.toString(), header.metadata());
    return new FileCheckpoint(
        path, name(), metadata, header.tensors(), files.keep(), document -> Optional.empty());
  }

  private Checkpoint openFolder(Folder folder, Closer files) {
    boolean weights = folder.has(Folder.WEIGHTS) || folder.has(Folder.INDEX);
    boolean config = folder.has(Folder.CONFIG);
    if (!config && (weights || Folder.TOKENIZERS.stream().noneMatch(folder::has))) {
      throw new CheckpointException(
          folder.path()
              + ": not a Hugging Face folder: there should be a file "
              + Folder.CONFIG
              + "; "
              + folder.describe());
    }
    Path origin = config ? folder.path().resolve(Folder.CONFIG) : folder.path();
    Map<String, Object> values = new LinkedHashMap<>();
    if (config) {
      values.putAll(flattened(origin));
    }
    if (folder.has(Folder.GENERATION)) {
      flattened(folder.path().resolve(Folder.GENERATION))
          .forEach((key, value) -> values.put(GENERATION_PREFIX + key, value));
    }
    Map<String, TensorInfo> tensors = weights ? tensors(folder, files) : Map.of();
    var metadata = new Metadata(origin.toString(), values);
    return new FileCheckpoint(
        folder.path(), name(), metadata, tensors, files.keep(), folder::document);
  }

  private static Map<String, Object> flattened(Path file) {
    return ConfigJson.flatten(file.toString(), Folder.bytes(file, LARGEST_CONFIG));
  }

  /** As Hugging Face's own loader does, a single file goes before an index. */
  private static Map<String, TensorInfo> tensors(Folder folder, Closer files) {
    if (folder.has(Folder.WEIGHTS)) {
      return SafetensorsHeader.read(files.open(folder.path().resolve(Folder.WEIGHTS))).tensors();
    }
    return ShardIndex.read(folder.path().resolve(Folder.INDEX)).open(folder, files);
  }
}
