package dev.burhan.text.format;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.fuzz.Fuzz;
import dev.burhan.checkpoint.fuzz.Fuzz.Depth;
import dev.burhan.checkpoint.fuzz.Fuzz.Input;
import dev.burhan.checkpoint.fuzz.JsonMutations;
import dev.burhan.checkpoint.fuzz.Mutations;
import dev.burhan.checkpoint.gguf.GgufFormat;
import dev.burhan.text.Tokenizer;
import dev.burhan.text.support.MetadataCheckpoint;
import dev.burhan.text.support.TestFiles;
import dev.burhan.text.support.TinyTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged tokenizers of published models; see {@link Fuzz}. */
class TokenizerFuzzTest {
  private static final List<String> STAGES =
      List.of("JSON", "model", "merges", "pre-tokenizer", "parts", "built", "encoded");
  private static final List<String> MODELS = List.of("deepseek_v3", "llama3_1", "qwen2_5", "qwen3");
  private static final String TEXT =
      "Hello  w\u00f6rld 12345\n\n<think>\u0645\u0631\u062d\u0628\u0627 \ud83d\ude00</think><|im_start|> aaaaaaaaaaaaaaaaaaaaaaaab";

  /** What tokenizer.json may say and should not. */
  private static final String[] VALUES = {
    "\"(?:a+)+$\"",
    "\"(a|aa)+$\"",
    "\"(?:a{1000}){1000}\"",
    "\"[\"",
    "\"\\\\p{Nonsense}\"",
    "\"(?<=a{1,1000})b\"",
    "\"" + "(".repeat(20_000) + ")".repeat(20_000) + "\"",
    "\"" + "[a".repeat(5_000) + "\"",
    "\"" + "a|".repeat(20_000) + "\"",
    "\"a{2147483647}\"",
    "\"\\\\1(?<x>a)\\\\k<x>\"",
    "\"\"",
    "\"a b\"",
    "\"b a\"",
    "\"\\\\ a\"",
    "\"\\ a\"",
    "[\"\\ a\"]",
    "[\"\\\\u0061\", \"b\"]",
    "\"ab c\"",
    "[\"a\", \"b\"]",
    "[\"a\"]",
    "262144",
    "1000000",
    "9999999",
    "10000001",
    "\"Sequence\"",
    "\"Split\"",
    "\"ByteLevel\"",
    "\"NFKD\"",
    "\"TemplateProcessing\"",
    "\"Removed\"",
    "\"MergedWithNext\"",
    "\"<think>\"",
    "\" \"",
    "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"}]}",
    "{\"Regex\": \"\\\\s+\"}",
    "{\"String\": \"\"}",
    "true"
  };

  @TempDir Path folder;

  private static String stage(String message) {
    if (message.contains("not valid JSON") || message.contains("other than expected")) {
      return "JSON";
    }
    if (message.contains("model.merges") || message.contains("ggml.merges")) {
      return "merges";
    }
    if (message.contains("pre_tokenizer") || message.contains("ggml.pre")) {
      return "pre-tokenizer";
    }
    return message.contains("model.") || message.contains("ggml.tokens") ? "model" : "parts";
  }

  private static Fuzz fuzz(String what, int inputs) {
    return new Fuzz("tokenizers " + what, inputs, STAGES, "model", TokenizerFuzzTest::stage);
  }

  /**
   * A published tokenizer with its first merges, what they need of the vocabulary, and the rest.
   */
  private static JsonMutations trimmed(Path file) throws IOException {
    Map<String, Object> root = TestFiles.map(TestFiles.json(file));
    Map<String, Object> model = TestFiles.map(root.get("model"));
    Map<String, Object> vocabulary = TestFiles.map(model.get("vocab"));
    var kept = new LinkedHashMap<String, Object>();
    vocabulary.forEach(
        (piece, id) -> {
          if (piece.length() == 1) {
            kept.put(piece, id);
          }
        });
    List<?> merges = (List<?>) model.get("merges");
    var keptMerges = new ArrayList<Object>();
    for (Object merge : merges.subList(0, 300)) {
      List<?> sides = merge instanceof String text ? List.of(text.split(" ")) : (List<?>) merge;
      String merged = sides.get(0) + "" + sides.get(1);
      if (kept.containsKey(sides.get(0)) && kept.containsKey(sides.get(1))) {
        kept.put(merged, vocabulary.get(merged));
        keptMerges.add(merge);
      }
    }
    model.put("vocab", kept);
    model.put("merges", keptMerges);
    List<?> added = (List<?>) root.get("added_tokens");
    Set<String> named =
        new HashSet<>(List.of("<\uff5cbegin\u2581of\u2581sentence\uff5c>", "<|begin_of_text|>"));
    root.put(
        "added_tokens",
        added.stream()
            .filter(t -> added.indexOf(t) < 30 || named.contains(((Map<?, ?>) t).get("content")))
            .toList());
    return new JsonMutations(json(root).getBytes(StandardCharsets.UTF_8));
  }

  private static String json(Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> quoted(text);
      case Map<?, ?> map -> {
        var members = new ArrayList<String>();
        map.forEach((key, member) -> members.add(quoted((String) key) + ":" + json(member)));
        yield "{" + String.join(",", members) + "}";
      }
      case List<?> list -> "[" + String.join(",", list.stream().map(e -> json(e)).toList()) + "]";
      default -> value.toString();
    };
  }

  private static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c < ' ' || c == 0x7f) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return out.append('"').toString();
  }

  private static void read(Checkpoint checkpoint, Depth depth) {
    Tokenizer tokenizer = new CheckpointText().tokenizer(checkpoint);
    depth.at("built");
    int[] ids = tokenizer.encode(TEXT, true);
    tokenizer.decode(ids, false);
    tokenizer.decode(ids, true);
    depth.at("encoded");
  }

  private static void read(Path folder, Depth depth) {
    try (Checkpoint checkpoint = TestFiles.open(folder)) {
      read(checkpoint, depth);
    }
  }

  @Test
  void damagedTokenizersEncodeOrEndInOneClearLine() throws Exception {
    var documents = new ArrayList<JsonMutations>();
    for (String model : MODELS) {
      documents.add(trimmed(TestFiles.cached("golden/tokenizers/" + model + "/tokenizer.json")));
    }
    documents.add(new JsonMutations(TinyTokenizer.json().getBytes(StandardCharsets.UTF_8)));
    Path file = folder.resolve("tokenizer.json");
    fuzz("small", 3_500)
        .run(
            random -> {
              byte[] bytes = documents.get(random.nextInt(documents.size())).mutate(random, VALUES);
              Files.write(file, bytes);
              return new Input(bytes.length, "tokenizer", depth -> read(folder, depth));
            });
  }

  /** Documents in other encodings, byte order marks, and nothing but nesting. */
  @Test
  void documentsThatAreNoUtf8EndInOneClearLine() throws Exception {
    String json = TinyTokenizer.json();
    List<byte[]> documents =
        List.of(
            json.getBytes(StandardCharsets.UTF_16),
            json.getBytes(StandardCharsets.UTF_16LE),
            json.getBytes("UTF-32"),
            json.getBytes("UTF-32LE"),
            ("\ufeff" + json).getBytes(StandardCharsets.UTF_8),
            new byte[] {0, 0, 0, '{', (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            "[".repeat(100_000).getBytes(StandardCharsets.UTF_8),
            "{\"a\":".repeat(100_000).getBytes(StandardCharsets.UTF_8),
            new byte[100_000]);
    Path file = folder.resolve("tokenizer.json");
    new Fuzz("tokenizers' encodings", 300, STAGES, "JSON", TokenizerFuzzTest::stage)
        .run(
            random -> {
              byte[] whole = documents.get(random.nextInt(documents.size()));
              int[] aims = random.ints(4, 0, whole.length).toArray();
              byte[] bytes =
                  random.nextInt(4) == 0
                      ? whole
                      : Mutations.mutate(whole, Math.min(64, whole.length), aims, random);
              Files.write(file, bytes);
              return new Input(bytes.length, "tokenizer", depth -> read(folder, depth));
            });
  }

  /** With the real files' whole vocabularies. */
  @Test
  void damagedWholeTokenizersEncodeOrEndInOneClearLine() throws Exception {
    byte[] whole = Files.readAllBytes(TestFiles.cached("golden/tokenizers/qwen2_5/tokenizer.json"));
    Path file = folder.resolve("tokenizer.json");
    fuzz("whole", 30)
        .run(
            random -> {
              int[] aims = random.ints(4, 0, whole.length).toArray();
              byte[] bytes = Mutations.mutate(whole, whole.length, aims, random);
              Files.write(file, bytes);
              return new Input(bytes.length, "tokenizer", depth -> read(folder, depth));
            });
  }

  @Test
  void damagedGgufTokenizersEncodeOrEndInOneClearLine() throws Exception {
    Map<String, Object> values = trimmedGguf();
    List<String> keys = List.copyOf(values.keySet());
    fuzz("gguf", 1_000)
        .run(
            random -> {
              var damaged = new LinkedHashMap<>(values);
              for (int i = random.nextInt(2); i >= 0; i--) {
                String key = keys.get(random.nextInt(keys.size()));
                damaged.put(key, changed(damaged.get(key), values, keys, random));
              }
              damaged.values().removeIf(java.util.Objects::isNull);
              return new Input(
                  1 << 16, "test.gguf", depth -> read(new MetadataCheckpoint(damaged), depth));
            });
  }

  private static Map<String, Object> trimmedGguf() {
    Path path = TestFiles.cached("models/smollm2/SmolLM2-135M-Instruct-Q4_1.gguf");
    try (Checkpoint checkpoint = new GgufFormat().open(path)) {
      var values = new LinkedHashMap<String, Object>();
      for (String key : checkpoint.metadata().keys()) {
        if (key.startsWith("tokenizer.")) {
          Object value = checkpoint.metadata().value(key).orElseThrow();
          values.put(key, value instanceof long[] types ? Arrays.copyOf(types, 700) : value);
        }
      }
      String[] tokens = Arrays.copyOf((String[]) values.get("tokenizer.ggml.tokens"), 700);
      Set<String> known = Set.of(tokens);
      values.put("tokenizer.ggml.tokens", tokens);
      String[] merges = (String[]) values.get("tokenizer.ggml.merges");
      values.put(
          "tokenizer.ggml.merges",
          Arrays.stream(merges)
              .limit(600)
              .filter(m -> known.contains(m.replace(" ", "")))
              .filter(m -> known.containsAll(List.of(m.split(" "))))
              .toArray(String[]::new));
      return values;
    }
  }

  private static Object changed(
      Object value, Map<String, Object> values, List<String> keys, Random random) {
    Object[] others = {
      null, "", "gpt2", "llama-bpe", -1L, 0L, 699L, 1L << 40, true, 1.5, new long[0]
    };
    if (random.nextInt(4) == 0) {
      return others[random.nextInt(others.length)];
    }
    return switch (value) {
      case String[] array when array.length > 0 -> {
        String[] copy = Arrays.copyOf(array, random.nextInt(4) == 0 ? 100 : array.length);
        String[] bad = {"", " ", "a b", "b a", "\ud800", "x y z", "\u0120", "<|im_start|>", "a"};
        for (int i = random.nextInt(3); i >= 0; i--) {
          copy[random.nextInt(copy.length)] =
              random.nextBoolean()
                  ? bad[random.nextInt(bad.length)]
                  : copy[random.nextInt(copy.length)];
        }
        yield copy;
      }
      case long[] array when array.length > 0 -> {
        long[] copy = array.clone();
        copy[random.nextInt(copy.length)] = random.nextInt(-2, 9);
        yield copy;
      }
      case Long number -> number + random.nextInt(-700, 700);
      case null, default -> values.get(keys.get(random.nextInt(keys.size())));
    };
  }
}
