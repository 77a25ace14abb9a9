package dev.burhan.goldentests;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A model's folder in several files with an index, as large models are published. Neighbouring
 * tensors go to different files, so that FP8 values and their scales are apart.
 */
final class ShardedFolder {
  private ShardedFolder() {}

  static Path write(Checkpoint model, Path folder, int shards) throws IOException {
    Files.createDirectories(folder);
    Files.copy(model.path().resolve("config.json"), folder.resolve("config.json"));
    List<List<TensorInfo>> parts = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      parts.add(new ArrayList<>());
    }
    int number = 0;
    for (TensorInfo info : model.tensors().values()) {
      parts.get(number++ % shards).add(info);
    }
    List<String> index = new ArrayList<>();
    for (int shard = 0; shard < shards; shard++) {
      String name = "model-%05d-of-%06d.safetensors".formatted(shard + 1, shards);
      Files.write(folder.resolve(name), shard(model, parts.get(shard)));
      parts.get(shard).forEach(info -> index.add("\"%s\": \"%s\"".formatted(info.name(), name)));
    }
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"metadata\": {}, \"weight_map\": {" + String.join(", ", index) + "}}");
    return folder;
  }

  private static byte[] shard(Checkpoint model, List<TensorInfo> tensors) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    List<String> entries = new ArrayList<>();
    for (TensorInfo info : tensors) {
      int from = data.size();
      data.write(model.data(info.name()).toArray(ValueLayout.JAVA_BYTE));
      String dims =
          info.shape().dims().stream().map(String::valueOf).collect(Collectors.joining(", "));
      entries.add(
          "\"%s\": {\"dtype\": \"%s\", \"shape\": [%s], \"data_offsets\": [%d, %d]}"
              .formatted(info.name(), info.type(), dims, from, data.size()));
    }
    byte[] header = ("{" + String.join(", ", entries) + "}").getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + header.length + data.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data.toByteArray())
        .array();
  }
}
