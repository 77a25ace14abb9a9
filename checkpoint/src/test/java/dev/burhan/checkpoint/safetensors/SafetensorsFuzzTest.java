package dev.burhan.checkpoint.safetensors;

import dev.burhan.checkpoint.fuzz.Corpus;
import dev.burhan.checkpoint.fuzz.DamagedFile;
import dev.burhan.checkpoint.fuzz.Fuzz;
import dev.burhan.checkpoint.fuzz.Fuzz.Input;
import dev.burhan.checkpoint.fuzz.Hardened;
import dev.burhan.checkpoint.fuzz.JsonMutations;
import dev.burhan.checkpoint.fuzz.Mutations;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged safetensors files, indices and configurations; see {@link Fuzz}. */
class SafetensorsFuzzTest {
  private static final List<String> STAGES =
      List.of("length", "JSON", "tensor table", "layout", "opened", "read");
  private static final List<String> REAL =
      List.of(
          "models/qwen2_untied/bf16/model.safetensors",
          "models/llama_tied/f32/model.safetensors",
          "models/dsv3_fp8/fp8/model.safetensors");

  @TempDir Path folder;

  private static String stage(String message) {
    if (message.contains("not valid JSON") || message.contains("not UTF-8")) {
      return "JSON";
    }
    if (message.contains("data_offsets [")
        || message.contains("overlaps")
        || message.contains("begins at byte")
        || message.contains("the tensors end at")
        || message.contains(" needs ")
        || message.contains("is too large")) {
      return "layout";
    }
    return message.contains("tensor ")
            || message.contains("safetensors header")
            || message.contains("not a whole number")
        ? "tensor table"
        : "length";
  }

  /** A file's header and the bytes behind it. */
  private record Model(JsonMutations header, byte[] start, long data) {

    static Model of(byte[] file, long size) {
      int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
      byte[] json = Arrays.copyOfRange(file, 8, 8 + length);
      return new Model(new JsonMutations(json), Arrays.copyOf(file, 8 + length), size - 8 - length);
    }
  }

  private static byte[] small(Random random) {
    var writer = new SafetensorsWriter().metadata("{\"format\":\"pt\"}");
    DataType[] types = {DataType.F32, DataType.F16, DataType.BF16, DataType.F8_E4M3, DataType.I64};
    for (int i = 0; i < 5; i++) {
      DataType type = types[random.nextInt(types.length)];
      writer.tensor("w" + i, type, Shape.of(i, 3), new byte[(int) type.bytes(3L * i)]);
    }
    return writer.bytes();
  }

  private static byte[] withLength(byte[] json) {
    return ByteBuffer.allocate(8 + json.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }

  private static Input damaged(Model model, Path path, Random random) throws IOException {
    byte[] head =
        random.nextInt(6) == 0
            ? Mutations.mutate(model.start, model.start.length, new int[] {0}, random)
            : withLength(model.header.mutate(random, "[4,3]", "[0,8]", "\"F32\"", "\"I64\""));
    long size = head.length + model.data;
    if (random.nextInt(8) == 0) {
      size = random.nextLong(size + 8);
    }
    DamagedFile.write(path, head, size);
    return new Input(
        head.length,
        "damaged.safetensors",
        depth -> Hardened.read(new SafetensorsFormat(), path, depth));
  }

  private static Fuzz fuzz(String what, int inputs) {
    return new Fuzz(
        "safetensors " + what, inputs, STAGES, "tensor table", SafetensorsFuzzTest::stage);
  }

  @Test
  void damagedFilesEndInOneClearLine() throws Exception {
    Path path = folder.resolve("damaged.safetensors");
    fuzz("small", 1_500)
        .run(
            random -> {
              byte[] file = small(random);
              return damaged(Model.of(file, file.length), path, random);
            });
  }

  @Test
  void damagedHeadersOfReferenceFilesEndInOneClearLine() throws Exception {
    Path path = folder.resolve("damaged.safetensors");
    var models = new ArrayList<Model>();
    for (String name : REAL) {
      Path file = Corpus.golden(name);
      models.add(Model.of(Files.readAllBytes(file), Files.size(file)));
    }
    fuzz("reference", 2_000)
        .run(random -> damaged(models.get(random.nextInt(models.size())), path, random));
  }

  private static final String INDEX =
      """
      {"metadata": {"total_size": 99}, "weight_map": {
        "w0": "m1.safetensors", "w1": "m1.safetensors", "w3": "m2.safetensors", "w4": "m1.safetensors"}}
      """;
  private static final String CONFIG =
      """
      {"model_type": "qwen2", "list": [1, 2.5, null], "rope_scaling": {"type": "yarn", "factor": 4e1},
       "l": [{"a": [true]}], "layer_types": ["full_attention", "sliding_attention"]}
      """;

  /** An index may name itself, a link to itself, a folder, or what lies outside of the folder. */
  @Test
  void damagedIndicesEndInOneClearLine() throws Exception {
    Path model = model();
    Files.writeString(model.resolve("config.json"), CONFIG);
    Files.createSymbolicLink(model.resolve("loop.safetensors"), Path.of("loop.safetensors"));
    Files.createSymbolicLink(model.resolve("a.safetensors"), Path.of("b.safetensors"));
    Files.createSymbolicLink(model.resolve("b.safetensors"), Path.of("a.safetensors"));
    Files.createDirectory(model.resolve("folder"));
    String[] shards = {
      "\"model.safetensors.index.json\"",
      "\"config.json\"",
      "\"loop.safetensors\"",
      "\"a.safetensors\"",
      "\"folder\"",
      "\"..\"",
      "\".\"",
      "\"../m1.safetensors\"",
      "\"/etc/passwd\"",
      "\"m2.safetensors\"",
      "\"w0\""
    };
    damage(model, "model.safetensors.index.json", INDEX, 1_500, shards);
  }

  @Test
  void damagedConfigurationsEndInOneClearLine() throws Exception {
    Path model = model();
    Files.writeString(model.resolve("model.safetensors.index.json"), INDEX);
    damage(model, "config.json", CONFIG, 1_000);
  }

  private Path model() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.write(model.resolve("m1.safetensors"), small(new Random(1)));
    Files.write(model.resolve("m2.safetensors"), small(new Random(2)));
    return model;
  }

  private static void damage(Path model, String damaged, String text, int inputs, String... values)
      throws Exception {
    var json = new JsonMutations(text.getBytes(StandardCharsets.UTF_8));
    new Fuzz(
            damaged,
            inputs,
            List.of("JSON", "contents", "opened", "read"),
            "contents",
            message ->
                message.contains("not valid JSON") || message.contains("not UTF-8")
                    ? "JSON"
                    : "contents")
        .run(
            random -> {
              byte[] bytes = json.mutate(random, values);
              Files.write(model.resolve(damaged), bytes);
              return new Input(
                  bytes.length,
                  "model",
                  depth -> Hardened.read(new SafetensorsFormat(), model, depth));
            });
  }
}
