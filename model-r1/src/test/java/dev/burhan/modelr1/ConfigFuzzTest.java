package dev.burhan.modelr1;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.fuzz.Corpus;
import dev.burhan.checkpoint.fuzz.DamagedFile;
import dev.burhan.checkpoint.fuzz.Fuzz;
import dev.burhan.checkpoint.fuzz.Fuzz.Depth;
import dev.burhan.checkpoint.fuzz.Fuzz.Input;
import dev.burhan.checkpoint.fuzz.JsonMutations;
import dev.burhan.checkpoint.safetensors.SafetensorsFormat;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.model.ModelGraph;
import dev.burhan.tensor.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged configurations of the reference models, up to the graph; see {@link Fuzz}. */
class ConfigFuzzTest {
  private static final List<String> STAGES =
      List.of("JSON", "flattened", "settings", "tensors", "graph");

  /** What a configuration may say, and values at the edges of what it may. */
  private static final String[] VALUES = {
    "\"deepseek_v3\"",
    "\"deepseek_v2\"",
    "\"silu\"",
    "\"yarn\"",
    "\"default\"",
    "\"longrope\"",
    "\"sigmoid\"",
    "\"softmax\"",
    "\"noaux_tc\"",
    "\"greedy\"",
    "\"group_limited_greedy\"",
    "\"fp8\"",
    "\"e4m3\"",
    "null",
    "0",
    "1",
    "2",
    "4",
    "8",
    "16",
    "64",
    "65535",
    "65536",
    "16777216",
    "16777217",
    "2147483647",
    "9223372036854775807",
    "10000",
    "10001",
    "-1",
    "1e-300",
    "1e300",
    "1e38",
    "1e39",
    "0.99999",
    "true",
    "false",
    "[128, 128]",
    "[1, 1]",
    "[0, -1]",
    "[9223372036854775807, 1]",
    "{\"type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 64}",
    "{\"type\": \"yarn\", \"factor\": 1e300, \"beta_fast\": 1e-300, \"beta_slow\": 1e300}",
    "{\"type\": \"yarn\", \"factor\": 4.0, \"mscale\": 1e300, \"mscale_all_dim\": -1e300}",
    "{\"quant_method\": \"fp8\", \"weight_block_size\": [64, 128]}"
  };

  @TempDir Path folder;

  private static String stage(String message) {
    if (message.contains("not valid JSON") || message.contains("not UTF-8")) {
      return "JSON";
    }
    return message.contains("tensor ") ? "tensors" : null;
  }

  private static Fuzz fuzz(String what, int inputs) {
    return new Fuzz("deepseek " + what, inputs, STAGES, "flattened", ConfigFuzzTest::stage);
  }

  private record Model(
      JsonMutations config, byte[] header, JsonMutations headers, Path folder, int data) {

    /** Writes a damaged configuration, and every fourth time a damaged header of the weights. */
    Path damage(Random random) throws IOException {
      Files.write(folder.resolve("config.json"), config.mutate(random, VALUES));
      byte[] json =
          random.nextInt(4) > 0
              ? header
              : headers.mutate(random, "[64]", "[0, 64]", "[512, 64]", "\"F8_E4M3\"", "\"I8\"");
      byte[] head =
          ByteBuffer.allocate(8 + json.length)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(json.length)
              .put(json)
              .array();
      DamagedFile.write(folder.resolve("model.safetensors"), head, head.length + data);
      return folder;
    }
  }

  private Model model(String name) throws IOException {
    Path model = Corpus.golden("models/" + name);
    byte[] file = Files.readAllBytes(model.resolve("model.safetensors"));
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    byte[] header = Arrays.copyOfRange(file, 8, 8 + length);
    return new Model(
        new JsonMutations(Files.readAllBytes(model.resolve("config.json"))),
        header,
        new JsonMutations(header),
        Files.createTempDirectory(folder, "model"),
        file.length - 8 - length);
  }

  @Test
  void damagedConfigurationsGiveAGraphOrOneClearLine() throws Exception {
    List<Model> models =
        List.of(model("dsv3_tiny/f32"), model("dsv3_noqlora/f32"), model("dsv3_fp8/fp8"));
    fuzz("folders", 3_000)
        .run(
            random -> {
              Path damaged = models.get(random.nextInt(models.size())).damage(random);
              long bytes = Files.size(damaged.resolve("config.json"));
              return new Input(
                  (1 << 16) + bytes, damaged.toString(), depth -> graphOfFolder(damaged, depth));
            });
  }

  /** No tensor contradicts a configuration that stands alone. */
  @Test
  void damagedConfigurationsAloneGiveAnOutlineOrOneClearLine() throws Exception {
    Model model = model("dsv3_tiny/f32");
    Path config = Files.createDirectories(folder.resolve("alone"));
    fuzz("outlines", 1_500)
        .run(
            random -> {
              Files.write(config.resolve("config.json"), model.config().mutate(random, VALUES));
              return new Input(1 << 22, config.toString(), depth -> outline(config, depth));
            });
  }

  private static void outline(Path config, Depth depth) {
    depth.at("flattened"); // unless an error of the JSON parser says otherwise
    try (Checkpoint checkpoint = new SafetensorsFormat().open(config)) {
      if (new DeepSeek().architectures().contains(checkpoint.metadata().string("model_type"))) {
        depth.at("settings");
        ModelGraph model = new DeepSeek().outline(checkpoint, DataType.Q8_0).orElseThrow();
        depth.at("graph");
        check(model.graph());
        model.draft().ifPresent(ConfigFuzzTest::check);
      }
    }
  }

  private static void graphOfFolder(Path damaged, Depth depth) {
    depth.at("flattened"); // unless an error of the JSON parser says otherwise
    try (Checkpoint checkpoint = new SafetensorsFormat().open(damaged)) {
      String architecture = checkpoint.metadata().string("model_type");
      if (new DeepSeek().architectures().contains(architecture)) {
        graph(checkpoint, depth);
      }
    }
  }

  private static void graph(Checkpoint checkpoint, Depth depth) {
    depth.at("settings");
    ModelGraph model = new DeepSeek().graph(checkpoint);
    depth.at("graph");
    check(model.graph());
    model.draft().ifPresent(ConfigFuzzTest::check);
  }

  /** What kernels rely on. */
  private static void check(Graph graph) {
    for (Node node : graph.nodes()) {
      switch (node.op()) {
        case Op.Rope rope -> {
          for (int pair = 0; pair < rope.frequencies().size(); pair++) {
            require(Float.isFinite(rope.frequencies().at(pair)), node);
          }
          require(Float.isFinite(rope.scale()), node);
        }
        case Op.LatentAttention attention -> require(Float.isFinite(attention.scale()), node);
        case Op.Route route -> {
          int experts = (int) route.gate().shape().dim(0);
          require(experts % route.groups() == 0, node);
          require(route.groupsKept() <= route.groups(), node);
          require(route.top() <= route.groupsKept() * (experts / route.groups()), node);
          require(Float.isFinite(route.scale()), node);
        }
        default -> {}
      }
    }
  }

  private static void require(boolean holds, Node node) {
    if (!holds) {
      throw new AssertionError(node.toString());
    }
  }

  @Test
  void damagedKeysOfGgufFilesGiveAGraphOrOneClearLine() throws Exception {
    fuzz("gguf", 3_000)
        .run(
            random -> {
              TinyDeepSeek damaged = damagedFile(random);
              return new Input(
                  1 << 20,
                  "",
                  depth -> {
                    depth.at("flattened");
                    graph(damaged.checkpoint(), depth);
                  });
            });
  }

  private static TinyDeepSeek damagedFile(Random random) {
    TinyDeepSeek tiny = TinyDeepSeek.gguf();
    Object[] others = {
      0L,
      1L,
      -1L,
      2L,
      3L,
      8L,
      64L,
      65_536L,
      1L << 24,
      1L << 31,
      1L << 40,
      Long.MAX_VALUE,
      0.0,
      -1.0,
      1.0,
      1e300,
      1e-300,
      1e39,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      "yarn",
      "none",
      "deepseek2",
      true,
      new long[] {1, 2},
      new String[] {"a"}
    };
    List<String> keys = new ArrayList<>(tiny.checkpoint().metadata().keys());
    for (String suffix :
        List.of(
            "rope.scaling.type",
            "rope.scaling.factor",
            "rope.scaling.original_context_length",
            "rope.scaling.yarn_log_multiplier",
            "rope.freq_base",
            "expert_group_count",
            "expert_group_used_count",
            "expert_gating_func",
            "attention.key_length_mla",
            "attention.value_length_mla")) {
      keys.add("deepseek2." + suffix);
    }
    if (random.nextInt(4) == 0) {
      tiny.key("deepseek2.rope.scaling.type", "yarn")
          .key("deepseek2.rope.scaling.factor", 40.0)
          .key("deepseek2.rope.scaling.original_context_length", 64L);
    }
    for (int i = random.nextInt(3); i >= 0; i--) {
      tiny.key(keys.get(random.nextInt(keys.size())), others[random.nextInt(others.length)]);
    }
    if (random.nextInt(3) == 0) {
      List<String> names = List.copyOf(tiny.checkpoint().tensors().keySet());
      String name = names.get(random.nextInt(names.size()));
      long[][] shapes = {{}, {0}, {16}, {16, 16}, {1, 2, 3}, {8, 5, 16}, {1, 0}};
      DataType[] types = {DataType.F32, DataType.BF16, DataType.I8, DataType.F8_E4M3};
      if (random.nextBoolean()) {
        tiny.remove(name);
      } else {
        tiny.put(name, types[random.nextInt(types.length)], shapes[random.nextInt(shapes.length)]);
      }
    }
    return tiny;
  }
}
