package dev.burhan.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonToken;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.file.Closer;
import dev.burhan.checkpoint.file.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code model.safetensors.index.json}: which tensor is in which shard. */
record ShardIndex(Path path, Map<String, String> shardOfTensor, OptionalLong totalSize) {
  private static final Logger LOG = LoggerFactory.getLogger(ShardIndex.class);
  private static final long LARGEST = 64L << 20; // R1's has 9 MB

  static ShardIndex read(Path path) {
    return Json.read(
        path.toString(),
        Folder.bytes(path, LARGEST),
        in -> {
          in.expect(JsonToken.START_OBJECT, "expected an object");
          Map<String, String> shards = null;
          OptionalLong total = OptionalLong.empty();
          for (String name = in.member(); name != null; name = in.member()) {
            switch (name) {
              case "weight_map" -> shards = weightMap(in);
              case "metadata" -> total = total(in);
              default -> in.skip();
            }
          }
          if (shards == null || shards.isEmpty()) {
            throw in.fail("there should be a 'weight_map' that says which tensor is in which file");
          }
          return new ShardIndex(path, shards, total);
        });
  }

  private static Map<String, String> weightMap(Json in) throws IOException {
    in.expect(JsonToken.START_OBJECT, "'weight_map' should be an object");
    var shards = new LinkedHashMap<String, String>();
    for (String tensor = in.member(); tensor != null; tensor = in.member()) {
      String shard =
          in.text("'weight_map' should give a file's name for tensor " + Text.quoted(tensor));
      if (shards.put(tensor, shard) != null) {
        throw in.fail("tensor " + Text.quoted(tensor) + " is there twice");
      }
    }
    return shards;
  }

  private static OptionalLong total(Json in) throws IOException {
    in.expect(JsonToken.START_OBJECT, "'metadata' should be an object");
    OptionalLong total = OptionalLong.empty();
    for (String key = in.member(); key != null; key = in.member()) {
      if (key.equals("total_size") && in.token().isNumeric()) {
        total = OptionalLong.of(in.number().longValue());
      } else {
        in.skip();
      }
    }
    return total;
  }

  /**
   * Opens all shards; the tensors that the map names, in the order of shards and of their places in
   * them.
   */
  Map<String, TensorInfo> open(Folder folder, Closer files) {
    var found = new LinkedHashMap<String, TensorInfo>();
    for (String shard : shardOfTensor.values().stream().distinct().sorted().toList()) {
      Path file = folder.file(shard, path.toString());
      if (!Files.exists(file)) {
        throw new CheckpointException(file + ": this file is missing; " + path + " names it");
      }
      SafetensorsHeader.read(files.open(file))
          .tensors()
          .forEach(
              (name, tensor) -> {
                if (shard.equals(shardOfTensor.get(name))) {
                  found.put(name, tensor);
                }
              });
    }
    shardOfTensor.forEach((name, shard) -> requireFound(folder, found, name, shard));
    checkTotal(found);
    return found;
  }

  private void requireFound(
      Folder folder, Map<String, TensorInfo> found, String name, String shard) {
    if (!found.containsKey(name)) {
      throw new CheckpointException(
          folder.path().resolve(shard)
              + ": tensor "
              + Text.quoted(name)
              + " is not in this file, where "
              + path
              + " says it is");
    }
  }

  /**
   * Only a warning: published models are known whose total counts another precision than the one
   * they are stored in.
   */
  private void checkTotal(Map<String, TensorInfo> found) {
    long bytes = found.values().stream().mapToLong(TensorInfo::bytes).sum();
    if (totalSize.isPresent() && totalSize.getAsLong() != bytes) {
      LOG.warn(
          "{}: total_size is {}, but the tensors have {} bytes",
          path,
          totalSize.getAsLong(),
          bytes);
    }
  }
}
