package dev.burhan.modeldistill;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.fuzz.Corpus;
import dev.burhan.checkpoint.fuzz.DamagedFile;
import dev.burhan.checkpoint.fuzz.Fuzz;
import dev.burhan.checkpoint.fuzz.Fuzz.Depth;
import dev.burhan.checkpoint.fuzz.Fuzz.Input;
import dev.burhan.checkpoint.fuzz.JsonMutations;
import dev.burhan.checkpoint.gguf.GgufFormat;
import dev.burhan.checkpoint.safetensors.SafetensorsFormat;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged configurations of reference and published models, up to the graph; see {@link Fuzz}. */
class ConfigFuzzTest {
  private static final List<String> STAGES =
      List.of("JSON", "flattened", "settings", "tensors", "graph");
  private static final List<DecoderFamily> FAMILIES =
      List.of(new Llama(), new Qwen2(), new Qwen3());

  /** What a configuration may say, and values at the edges of what it may. */
  private static final String[] VALUES = {
    "\"llama\"",
    "\"qwen2\"",
    "\"qwen3\"",
    "\"deepseek_v3\"",
    "\"silu\"",
    "\"gelu\"",
    "\"yarn\"",
    "\"linear\"",
    "\"llama3\"",
    "\"default\"",
    "\"longrope\"",
    "\"fp8\"",
    "\"awq\"",
    "1",
    "2",
    "4",
    "64",
    "65535",
    "65536",
    "32768",
    "16777216",
    "16777217",
    "10000",
    "10001",
    "1e-300",
    "1e300",
    "1e38",
    "1e39",
    "1.0",
    "0.99999",
    "true",
    "[128, 128]",
    "[0, -1]",
    "[9223372036854775807, 1]",
    "[\"full_attention\", \"sliding_attention\", \"full_attention\"]",
    "{\"rope_type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 64}",
    "{\"rope_type\": \"yarn\", \"factor\": 1e300, \"beta_fast\": 1e-300, \"beta_slow\": 1e300}",
    "{\"rope_type\": \"yarn\", \"factor\": 4.0, \"mscale\": 1e300, \"mscale_all_dim\": -1e300}",
    "{\"rope_type\": \"linear\", \"factor\": 1e-300}",
    "{\"rope_type\": \"llama3\", \"factor\": 1e300, \"low_freq_factor\": 1, \"high_freq_factor\": 1,"
        + " \"original_max_position_embeddings\": 64}",
    "{\"type\": \"linear\", \"factor\": 2}",
    "{\"quant_method\": \"fp8\", \"weight_block_size\": [128, 128]}"
  };

  @TempDir Path folder;

  private static String stage(String message) {
    if (message.contains("not valid JSON") || message.contains("not UTF-8")) {
      return "JSON";
    }
    return message.contains("tensor ") ? "tensors" : null;
  }

  private static Fuzz fuzz(String what, int inputs) {
    return new Fuzz("config " + what, inputs, STAGES, "flattened", ConfigFuzzTest::stage);
  }

  private record Model(JsonMutations config, JsonMutations header, Path folder, byte[] weights) {

    /** Writes a damaged configuration, and every fourth time a damaged header of the weights. */
    Path damage(Random random) throws IOException {
      Files.write(folder.resolve("config.json"), config.mutate(random, VALUES));
      boolean whole = random.nextInt(4) > 0;
      byte[] head = whole ? weights : header(header.mutate(random, "[64]", "[0, 64]", "[512, 64]"));
      DamagedFile.write(
          folder.resolve("model.safetensors"),
          head,
          whole ? weights.length : head.length + weights.length - 8L - header.size());
      return folder;
    }

    private static byte[] header(byte[] json) {
      return ByteBuffer.allocate(8 + json.length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(json.length)
          .put(json)
          .array();
    }
  }

  /** A reference model, with its own rotary settings or with others. */
  private Model model(String name, String rotary) throws IOException {
    Path model = Corpus.golden("models/" + name);
    Path weights = model.resolve("model.safetensors");
    String config = Files.readString(model.resolve("config.json"));
    String extended = rotary.isEmpty() ? config : "{" + rotary + "," + config.strip().substring(1);
    byte[] file = Files.readAllBytes(weights);
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    return new Model(
        new JsonMutations(extended.getBytes(StandardCharsets.UTF_8)),
        new JsonMutations(java.util.Arrays.copyOfRange(file, 8, 8 + length)),
        Files.createTempDirectory(folder, "model"),
        file);
  }

  @Test
  void damagedConfigurationsGiveAGraphOrOneClearLine() throws Exception {
    String yarn =
        "\"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 4.0, \"beta_fast\": 32, \"mscale\": 1.0,"
            + " \"attention_factor\": 1.1, \"original_max_position_embeddings\": 64}";
    List<Model> models =
        List.of(
            model("qwen2_untied/f32", ""),
            model("qwen2_untied/bf16", yarn),
            model(
                "qwen2_tied/f32",
                "\"rope_parameters\": {\"rope_type\": \"linear\", \"factor\": 2}"),
            model("llama_rope3/f32", ""),
            model("llama_tied/f32", "\"partial_rotary_factor\": 0.5"));
    fuzz("folders", 4_000)
        .run(
            random -> {
              Path damaged = models.get(random.nextInt(models.size())).damage(random);
              long bytes = Files.size(damaged.resolve("config.json"));
              return new Input(
                  (1 << 14) + bytes, damaged.toString(), depth -> graphOfFolder(damaged, depth));
            });
  }

  private static void graphOfFolder(Path damaged, Depth depth) {
    depth.at("flattened"); // unless an error of the JSON parser says otherwise
    try (Checkpoint checkpoint = new SafetensorsFormat().open(damaged)) {
      graph(checkpoint, "model_type", depth);
    }
  }

  private static void graph(Checkpoint checkpoint, String key, Depth depth) {
    String architecture = checkpoint.metadata().string(key);
    Optional<DecoderFamily> family =
        FAMILIES.stream().filter(f -> f.architectures().contains(architecture)).findFirst();
    if (family.isEmpty()) {
      return;
    }
    depth.at("settings");
    Graph graph = family.get().graph(checkpoint).graph();
    depth.at("graph");
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Rope rope) {
        for (int pair = 0; pair < rope.frequencies().size(); pair++) {
          if (!Float.isFinite(rope.frequencies().at(pair))) {
            throw new AssertionError("the frequency " + rope.frequencies().at(pair));
          }
        }
      }
    }
  }

  /** A published file with other keys and shapes than its own. */
  private record Altered(
      Checkpoint real, Map<String, Object> values, Map<String, TensorInfo> tensors)
      implements Checkpoint {

    @Override
    public Path path() {
      return real.path();
    }

    @Override
    public String format() {
      return real.format();
    }

    @Override
    public List<Path> files() {
      return real.files();
    }

    @Override
    public Metadata metadata() {
      return new Metadata(path().toString(), values);
    }

    @Override
    public TensorInfo tensor(String name) {
      TensorInfo info = tensors.get(name);
      if (info == null) {
        throw new CheckpointException(path() + ": tensor '" + name + "' is missing");
      }
      return info;
    }

    @Override
    public MemorySegment data(String tensor) {
      return real.data(tensor);
    }

    @Override
    public void read(String tensor, long offset, MemorySegment to) {
      real.read(tensor, offset, to);
    }

    @Override
    public Optional<byte[]> document(String name) {
      return real.document(name);
    }

    @Override
    public void close() {
      // the real one stays open
    }
  }

  @Test
  void damagedKeysOfGgufFilesGiveAGraphOrOneClearLine() throws Exception {
    List<Checkpoint> models = new ArrayList<>();
    for (String name :
        List.of(
            "models/smollm2/SmolLM2-135M-Instruct-Q4_1.gguf",
            "models/qwen2.5-coder-0.5b/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf")) {
      models.add(new GgufFormat().open(Corpus.cached(name)));
    }
    fuzz("gguf", 1_500)
        .run(
            random -> {
              Altered altered = altered(models.get(random.nextInt(models.size())), random);
              return new Input(
                  1 << 20,
                  "",
                  depth -> {
                    depth.at("flattened");
                    graph(altered, "general.architecture", depth);
                  });
            });
    models.forEach(Checkpoint::close);
  }

  private static Altered altered(Checkpoint real, Random random) {
    var values = new LinkedHashMap<String, Object>();
    for (String key : real.metadata().keys()) {
      if (!key.startsWith("tokenizer.")) {
        values.put(key, real.metadata().value(key).orElseThrow());
      }
    }
    String architecture = real.metadata().string("general.architecture");
    List<String> keys = new ArrayList<>(values.keySet());
    for (String suffix :
        List.of(
            "rope.scaling.type",
            "rope.scaling.factor",
            "rope.scale_linear",
            "expert_count",
            "rope.dimension_count",
            "attention.key_length",
            "rope.scaling.original_context_length")) {
      keys.add(architecture + "." + suffix);
    }
    Object[] others = {
      0L,
      1L,
      -1L,
      2L,
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
      "linear",
      "none",
      "llama",
      "qwen2",
      true,
      new long[] {1, 2},
      new String[] {"a"}
    };
    for (int i = random.nextInt(3); i >= 0; i--) {
      String key = keys.get(random.nextInt(keys.size()));
      Object other = others[random.nextInt(others.length)];
      values.put(key, values.get(key) instanceof Long n && random.nextBoolean() ? n * 2 : other);
    }
    var tensors = new LinkedHashMap<>(real.tensors());
    if (random.nextInt(3) == 0) {
      var names = List.copyOf(tensors.keySet());
      String name =
          random.nextBoolean() ? "token_embd.weight" : names.get(random.nextInt(names.size()));
      TensorInfo info = tensors.get(name);
      long[][] shapes = {{}, {0}, {1L << 40, 0}, {0, 1L << 40}, {64}, {1, 2, 3}, {1L << 31, 576}};
      Shape shape = Shape.of(shapes[random.nextInt(shapes.length)]);
      tensors.put(
          name, new TensorInfo(name, info.type(), shape, info.file(), info.offset(), info.bytes()));
    }
    return new Altered(real, values, tensors);
  }
}
