package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backendtck.Deviation;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.checkpoint.convert.ConvertCommand;
import dev.burhan.command.Command;
import dev.burhan.graph.Graph;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.Dequantiser;
import dev.burhan.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A folder that {@code burhan convert} wrote as GGUF gives what the folder gives. */
class ConvertTest {
  private static final double MAX_ABS = 3e-4;
  private static final double MEAN_ABS = 3e-5;
  private static final double MTP_MAX_ABS = 5e-4;

  @TempDir Path scratch;
  private final Host host = new FlatHost();

  private static Path folder(String model) {
    return References.folder().resolve("models").resolve(model);
  }

  private Path convert(Path folder, String type) throws Exception {
    Path file = scratch.resolve(type + ".gguf");
    assertEquals(
        Command.DONE,
        new ConvertCommand()
            .run(
                RecordedIo.arguments(folder.toString(), file.toString(), "type=" + type),
                new RecordedIo(),
                host));
    return file;
  }

  private float[][] logits(Path model, int[] ids) {
    try (Steps steps = new Steps(host, model, "oracle", Map.of())) {
      return steps.run(steps.model().graph(), ids, Map.of(), Map.of()).rows(Graph.LOGITS);
    }
  }

  private References references(String model) throws IOException {
    return new References(host, folder(model).resolve("golden.safetensors"));
  }

  @ParameterizedTest
  @CsvSource({
    "qwen2_tied/f32, F32", "qwen2_untied/f32, F32", "qwen2_untied/bf16, BF16",
    "llama_tied/f32, F32", "llama_rope3/f32, F32", "llama_rope3/bf16, BF16",
    "dsv3_tiny/f32, F32", "dsv3_tiny/bf16, BF16", "dsv3_fp8/fp8, F32"
  })
  void unroundedItGivesTheReferencesLogits(String model, String type) throws Exception {
    Path file = convert(folder(model), type);
    try (References references = references(model)) {
      for (int prompt = 0; prompt < 4; prompt++) {
        float[][] expected = references.rows("prompt" + prompt + ".logits");
        float[][] found = logits(file, references.ids("prompt" + prompt + ".ids"));
        Deviation deviation = new Deviation("GGUF");
        for (int row = 0; row < expected.length; row++) {
          deviation.logits(row, expected[row], found[row]);
        }
        deviation.within(MAX_ABS, MEAN_ABS);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"dsv3_tiny/f32, F32", "dsv3_fp8/fp8, F32"})
  void theLayerThatDraftsIsTaken(String model, String type) throws Exception {
    Path file = convert(folder(model), type);
    try (References references = references(model);
        Steps steps = new Steps(host, file, "oracle", Map.of())) {
      int[] ids = references.ids("prompt2.ids");
      float[][] hidden =
          Arrays.copyOf(
              steps.run(steps.model().graph(), ids, Map.of(), Map.of()).rows(Graph.HIDDEN),
              ids.length - 1);
      float[][] found =
          steps
              .run(
                  steps.model().draft().orElseThrow(),
                  Arrays.copyOfRange(ids, 1, ids.length),
                  Map.of(),
                  Map.of(Graph.HIDDEN, hidden))
              .rows(Graph.LOGITS);
      float[][] expected = references.rows("mtp.logits_postnorm");
      Deviation deviation = new Deviation("drafted");
      for (int row = 0; row < expected.length; row++) {
        deviation.logits(row, expected[row], found[row]);
      }
      deviation.within(MTP_MAX_ABS, MEAN_ABS);
    }
  }

  /** Root mean square of the logits' differences over that of the logits. */
  private static double relative(float[][] expected, float[][] found) {
    double squares = 0;
    double all = 0;
    for (int row = 0; row < expected.length; row++) {
      for (int i = 0; i < expected[row].length; i++) {
        squares += Math.pow(expected[row][i] - found[row][i], 2);
        all += Math.pow(expected[row][i], 2);
      }
    }
    return Math.sqrt(squares / all);
  }

  /**
   * Tiny random models answer to small changes more than trained ones; what rounds nothing is held
   * to the reference above. Their rows are shorter than super-blocks, so that of the K types the
   * fallbacks are tried.
   */
  @ParameterizedTest
  @CsvSource({
    "qwen2_untied/f32, F16, 0.002", "qwen2_untied/f32, Q8_0, 0.05", "qwen2_untied/f32, Q5_1, 0.25",
    "qwen2_untied/f32, Q5_0, 0.3", "qwen2_untied/f32, Q4_1, 0.45", "qwen2_untied/f32, Q4_0, 0.5",
    "qwen2_untied/f32, Q4_K, 0.3", "qwen2_untied/f32, Q5_K, 0.25", "qwen2_untied/f32, Q6_K, 0.05",
    "llama_rope3/f32, F16, 0.002", "llama_rope3/f32, Q8_0, 0.05", "llama_rope3/f32, Q4_K, 0.3",
    "dsv3_tiny/f32, F16, 0.02", "dsv3_tiny/f32, Q8_0, 0.4"
  })
  void roundedItIsWithinTheTypesError(String model, String type, double most) throws Exception {
    Path file = convert(folder(model), type);
    try (References references = references(model)) {
      double found =
          relative(references.rows("prompt2.logits"), logits(file, references.ids("prompt2.ids")));
      System.out.printf("%s as %s: relative error of logits %.5f%n", model, type, found);
      assertTrue(found <= most, "relative error " + found);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "dsv3_fp8/fp8, F16, 0.0005", "dsv3_fp8/fp8, Q8_0, 0.008", "dsv3_fp8/fp8, Q5_0, 0.06",
    "dsv3_tiny/f32, Q4_1, 0.1", "llama_rope3/f32, Q5_1, 0.05", "qwen2_tied/f32, Q4_0, 0.12"
  })
  void eachTensorIsWithinTheTypesError(String model, String type, double most) throws Exception {
    try (Checkpoint exact =
            host.openCheckpoint(convert(folder(model), "F32").toString(), Progress.NONE);
        Checkpoint rounded =
            host.openCheckpoint(convert(folder(model), type).toString(), Progress.NONE)) {
      assertEquals(exact.tensors().keySet(), rounded.tensors().keySet());
      for (String tensor : exact.tensors().keySet()) {
        float[] one = numbers(exact, tensor);
        float[] other = numbers(rounded, tensor);
        double found = relative(new float[][] {one}, new float[][] {other});
        assertTrue(found <= most, tensor + ": relative error " + found);
      }
    }
  }

  private static float[] numbers(Checkpoint checkpoint, String tensor) {
    TensorInfo info = checkpoint.tensor(tensor);
    int count = (int) info.shape().elements();
    return Dequantiser.decode(info.type(), count, checkpoint.data(tensor), 0);
  }

  @Test
  void aTokenizerAndATemplateGoAlong() throws Exception {
    Path folder = withTokenizer(folder("llama_rope3/f32"));
    Path file = convert(folder, "Q8_0");
    try (Checkpoint before = host.openCheckpoint(folder.toString(), Progress.NONE);
        Checkpoint after = host.openCheckpoint(file.toString(), Progress.NONE)) {
      Tokenizer one = host.tokenizer(before);
      Tokenizer other = host.tokenizer(after);
      for (String text : List.of("abc abd 12345 <s>ab</s> don't", "caf\u00e9\n\n  x", "")) {
        assertArrayEquals(one.encode(text, true), other.encode(text, true), text);
      }
      assertEquals("{{ messages }}", after.metadata().string("tokenizer.chat_template"));
      assertEquals(512, after.metadata().strings("tokenizer.ggml.tokens").length);
      assertTrue(host.chatFormat(after).isPresent());
    }
  }

  /** A byte-level vocabulary with a merge, in a copy of a folder. */
  private Path withTokenizer(Path model) throws IOException {
    Path folder = Files.createDirectories(scratch.resolve("folder"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(model.resolve(name), folder.resolve(name));
    }
    StringBuilder vocabulary = new StringBuilder();
    int beyond = 256;
    for (int octet = 0; octet < 256; octet++) {
      boolean shown = octet > 32 && octet < 127 || octet > 160 && octet != 173;
      int character = shown ? octet : beyond++;
      vocabulary.append("\"\\u%04x\":%d,".formatted(character, octet));
    }
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"added_tokens":[{"id":300,"content":"<s>","special":true,"normalized":false},
          {"id":301,"content":"</s>","special":true,"normalized":false}],
         "normalizer":null,
         "pre_tokenizer":{"type":"Sequence","pretokenizers":[
          {"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"},"behavior":"Isolated","invert":false},
          {"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]},
         "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[300],"tokens":["<s>"]}}},
         "decoder":{"type":"ByteLevel"},
         "model":{"type":"BPE","ignore_merges":true,"vocab":{%s"ab":256},"merges":["a b"]}}
        """
            .formatted(vocabulary));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"bos_token":"<s>","eos_token":{"content":"</s>"},"chat_template":"{{ messages }}"}""");
    return folder;
  }

  @Test
  void whatGgufCanNotTellIsRefusedAndNothingIsLeft() throws Exception {
    Path file = scratch.resolve("none.gguf");
    BurhanException error =
        assertThrows(BurhanException.class, () -> run(folder("dsv3_noqlora/f32"), file, "F16"));
    assertTrue(error.getMessage().contains("mscale"), error.getMessage());
    try (Stream<Path> left = Files.list(scratch)) {
      assertEquals(0, left.count());
    }
  }

  private int run(Path folder, Path file, String type) throws Exception {
    return new ConvertCommand()
        .run(
            RecordedIo.arguments(folder.toString(), file.toString(), "type=" + type),
            new RecordedIo(),
            host);
  }

  @Test
  void aFileIsReplacedOnlyWhenForced() throws Exception {
    Path file = Files.writeString(scratch.resolve("F16.gguf"), "mine");
    assertThrows(BurhanException.class, () -> run(folder("qwen2_tied/f32"), file, "F16"));
    assertEquals("mine", Files.readString(file));
    new ConvertCommand()
        .run(
            RecordedIo.arguments(folder("qwen2_tied/f32").toString(), file.toString(), "--force"),
            new RecordedIo(),
            host);
    assertTrue(Files.size(file) > 1000);
  }

  @Test
  void wrongTypesAndOperandsAreNamed() {
    Path file = scratch.resolve("x.gguf");
    assertThrows(UsageException.class, () -> run(folder("qwen2_tied/f32"), file, "Q9_K"));
    assertThrows(
        UsageException.class,
        () -> new ConvertCommand().run(RecordedIo.arguments("one"), new RecordedIo(), host));
    assertFalse(Files.exists(file));
  }

  @Test
  void twoConversionsAreTheSameBytes() throws Exception {
    Path one = convert(folder("dsv3_tiny/f32"), "Q5_1");
    byte[] first = Files.readAllBytes(one);
    Files.delete(one);
    assertArrayEquals(first, Files.readAllBytes(convert(folder("dsv3_tiny/f32"), "Q5_1")));
  }
}
