package dev.burhan.modeldistill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.safetensors.SafetensorsFormat;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.SafetensorsFile;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Provider;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecoderGraphTest {

  private static <T> List<T> ops(Graph graph, Class<T> type) {
    return graph.nodes().stream().map(Node::op).filter(type::isInstance).map(type::cast).toList();
  }

  private static String error(DecoderFamily family, TinyDecoder tiny) {
    return assertThrows(CheckpointException.class, () -> family.graph(tiny.checkpoint()))
        .getMessage();
  }

  private static void assertNames(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), message + " should name " + part);
    }
  }

  private static TinyDecoder llama() {
    return TinyDecoder.huggingFace("llama", false);
  }

  @Test
  void theFamiliesAreListedForAFlatClassPath() {
    Set<String> names =
        ServiceLoader.load(Provider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(DecoderFamily.class::isInstance)
            .map(Provider::name)
            .collect(Collectors.toSet());
    assertEquals(Set.of("llama", "qwen2", "qwen3"), names);
  }

  @ParameterizedTest
  @CsvSource({
    "qwen2_tied/f32, 56, 7, 1, 8, 384, F32, true",
    "qwen2_untied/f32, 64, 4, 2, 16, 512, F32, false",
    "qwen2_untied/bf16, 64, 4, 2, 16, 512, BF16, false",
    "llama_rope3/f32, 64, 4, 2, 16, 512, F32, false",
    "llama_rope3/bf16, 64, 4, 2, 16, 512, BF16, false",
    "llama_tied/f32, 48, 6, 3, 16, 300, F32, true"
  })
  void graphsOfTheReferenceModels(
      String folder,
      int hidden,
      int heads,
      int kvHeads,
      int headDim,
      int vocabulary,
      String type,
      boolean tied) {
    try (Checkpoint checkpoint =
        new SafetensorsFormat().open(SafetensorsFile.golden("models/" + folder))) {
      DecoderFamily family = folder.startsWith("qwen2") ? new Qwen2() : new Llama();
      ModelGraph model = family.graph(checkpoint);
      Graph graph = model.graph();

      assertEquals(hidden, model.info().hidden());
      assertEquals(vocabulary, model.info().vocabulary());
      assertEquals(4096, model.info().context());
      long parameters =
          checkpoint.tensors().values().stream().mapToLong(t -> t.shape().elements()).sum();
      assertEquals(parameters, model.info().parameters());

      assertEquals(Set.of(Graph.LOGITS, Graph.HIDDEN), graph.outputs().keySet());
      assertEquals(hidden, graph.outputs().get(Graph.HIDDEN).width());
      List<Op.Attention> attention = ops(graph, Op.Attention.class);
      assertEquals(3, attention.size());
      for (Op.Attention op : attention) {
        assertEquals(
            List.of(heads, kvHeads, headDim), List.of(op.heads(), op.kvHeads(), op.headDim()));
        assertEquals(kvHeads * headDim, op.cache().planes().getFirst().numbers());
        assertEquals(0, op.cache().window());
      }
      ops(graph, Op.Rope.class).forEach(rope -> assertEquals(false, rope.interleaved()));
      ops(graph, Op.Linear.class)
          .forEach(linear -> assertEquals(type, linear.weight().type().name()));
      long biases = ops(graph, Op.Linear.class).stream().filter(l -> l.bias().isPresent()).count();
      assertEquals(folder.startsWith("qwen2") ? 9 : 0, biases);
      Weight head = ops(graph, Op.Logits.class).getFirst().head();
      Source embedding = ops(graph, Op.Embed.class).getFirst().table().source();
      assertEquals(tied, head.source().equals(embedding));
    }
  }

  @Test
  void theHiddenOutputIsTheResidualStreamBeforeTheFinalNorm() {
    Graph graph = new Llama().graph(llama().checkpoint()).graph();
    Node finalNorm =
        graph.nodes().stream()
            .filter(node -> node.op() instanceof Op.RmsNorm && node.layer() == TinyDecoder.LAYERS)
            .findFirst()
            .orElseThrow();
    assertEquals(finalNorm.in().getFirst(), graph.outputs().get(Graph.HIDDEN));
  }

  @Test
  void aWrongShapeNamesTensorFoundAndExpected() {
    String message =
        error(new Llama(), llama().put("model.layers.1.self_attn.k_proj.weight", 0, 0, 12, 8));
    assertNames(
        message, "model.layers.1.self_attn.k_proj.weight", "shape (12, 8)", "expected (6, 8)");
    String norm = error(new Llama(), llama().put("model.norm.weight", 0, 0, 9));
    assertNames(norm, "model.norm.weight", "(9)", "(8)");
    String vocabulary = error(new Llama(), llama().key("vocab_size", 11L));
    assertNames(vocabulary, "model.embed_tokens.weight", "(10, 8)", "(11, 8)");
  }

  @Test
  void missingTensorsAndBiasesAreNamed() {
    assertNames(
        error(new Llama(), llama().remove("model.layers.0.mlp.up_proj.weight")),
        "model.layers.0.mlp.up_proj.weight");
    assertNames(error(new Llama(), llama().remove("lm_head.weight")), "lm_head.weight");
    assertNames(error(new Qwen2(), TinyDecoder.gguf("qwen2", false)), "blk.0.attn_q.bias");
    assertNames(
        error(new Llama(), llama().key("attention_bias", true)),
        "model.layers.0.self_attn.q_proj.bias");
  }

  @Test
  void tensorsThatNothingUsesAreRefused() {
    assertNames(
        error(new Llama(), llama().biased()), "model.layers.0.self_attn.q_proj.bias", "llama");
    assertNames(
        error(
            new Llama(),
            TinyDecoder.gguf("llama", false).put("blk.0.attn_sub_norm.weight", 0, 0, 8)),
        "blk.0.attn_sub_norm.weight");
  }

  @Test
  void biasesInGgufAreUsedWhereTheyAre() {
    Graph graph = new Llama().graph(TinyDecoder.gguf("llama", false).biased().checkpoint()).graph();
    assertEquals(6, ops(graph, Op.Linear.class).stream().filter(l -> l.bias().isPresent()).count());
  }

  @ParameterizedTest
  @CsvSource({
    "hidden_act, gelu, silu",
    "quantization_config.quant_method, awq, GGUF",
    "rope_scaling.rope_type, longrope, llama3",
    "rope_scaling.type, dynamic, yarn",
    "rope_parameters.rope_type, longrope, yarn"
  })
  void unsupportedSettingsOfFoldersNameKeyAndRemedy(String key, String value, String remedy) {
    assertNames(error(new Llama(), llama().key(key, value)), "memory", key, value, remedy);
  }

  @ParameterizedTest
  @CsvSource({
    "num_key_value_heads, 3",
    "num_hidden_layers, 0",
    "head_dim, 7",
    "rms_norm_eps, 0",
    "max_position_embeddings, 0",
    "rope_theta, -1"
  })
  void numbersThatNoModelHasAreRefused(String key, long value) {
    assertNames(error(new Llama(), llama().key(key, value)), "memory", key);
  }

  @Test
  void windowsAreOfTheFamiliesThatHaveThem() {
    TinyDecoder windowed = llama().key("use_sliding_window", true).key("sliding_window", 8L);
    assertNames(error(new Llama(), windowed), "use_sliding_window");
  }

  @ParameterizedTest
  @CsvSource({
    "llama.expert_count, 8",
    "llama.attention.value_length, 4",
    "llama.attention.head_count, 0",
    "llama.rope.dimension_count, 8",
    "llama.rope.scaling.attn_factor, 2"
  })
  void unsupportedSettingsOfGgufNameTheKey(String key, long value) {
    assertNames(
        error(new Llama(), TinyDecoder.gguf("llama", false).key(key, value)), "memory", key);
  }

  @Test
  void unknownScalingInGgufIsRefused() {
    TinyDecoder tiny = TinyDecoder.gguf("llama", false).key("llama.rope.scaling.type", "longrope");
    assertNames(error(new Llama(), tiny), "llama.rope.scaling.type", "longrope");
  }

  @Test
  void frequencyFactorsOfAnotherSizeAreRefused() {
    TinyDecoder tiny = TinyDecoder.gguf("llama", false).put(GgufSettings.ROPE_FACTORS, 0, 1, 4);
    assertNames(error(new Llama(), tiny), GgufSettings.ROPE_FACTORS, "(4)", "(3)");
  }

  @Test
  void ropeSettingsAreReadFromBothPlaces() {
    Op.Rope old =
        rope(
            llama()
                .key("rope_theta", 500.0)
                .key("rope_scaling.type", "linear")
                .key("rope_scaling.factor", 4L));
    Op.Rope young =
        rope(
            llama()
                .key("rope_parameters.rope_theta", 500.0)
                .key("rope_parameters.rope_type", "linear")
                .key("rope_parameters.factor", 4L));
    assertEquals(old, young);
    assertEquals(0.25f, old.frequencies().at(0));
  }

  @Test
  void yarnScalesFrequenciesAttentionAndContext() {
    TinyDecoder tiny =
        llama()
            .key("rope_scaling.type", "yarn")
            .key("rope_scaling.factor", 4.0)
            .key("rope_scaling.original_max_position_embeddings", 64L);
    assertEquals((float) (0.1 * Math.log(4) + 1), rope(tiny).scale());
    assertEquals(256, new Llama().graph(tiny.checkpoint()).info().context());
    Op.Rope gguf =
        rope(
            TinyDecoder.gguf("llama", false)
                .key("llama.rope.scaling.type", "yarn")
                .key("llama.rope.scaling.factor", 4.0)
                .key("llama.rope.scaling.original_context_length", 64L));
    assertEquals(rope(tiny).frequencies(), gguf.frequencies());
    assertTrue(gguf.interleaved());
  }

  private static Op.Rope rope(TinyDecoder tiny) {
    return ops(new Llama().graph(tiny.checkpoint()).graph(), Op.Rope.class).getFirst();
  }

  @Test
  void fp8MatricesTakeTheirScales() {
    TinyDecoder tiny = llama();
    String name = "model.layers.0.self_attn.q_proj.weight";
    tiny.remove(name).key("quantization_config.weight_block_size", new long[] {8, 4});
    var checkpoint = tiny.checkpoint();
    checkpoint.tensor(name, DataType.F8_E4M3, Shape.of(12, 8), MemorySegment.ofArray(new byte[96]));
    checkpoint.tensor(name + "_scale_inv", Shape.of(2, 2), 1, 2, 3, 4);
    Weight query = ops(new Llama().graph(checkpoint).graph(), Op.Linear.class).getFirst().weight();
    assertEquals(
        new Source.BlockScaled(
            new Source.Stored(name), new Source.Stored(name + "_scale_inv"), 8, 4),
        query.source());
    assertEquals(DataType.F32, query.type());
  }

  @Test
  void widthsThatOverflowAreRefused() {
    assertNames(
        error(
            new Llama(),
            llama()
                .key("num_attention_heads", 32_768L)
                .key("num_key_value_heads", 1L)
                .key("head_dim", 65_536L)),
        "head_dim",
        "32768 heads");
  }

  @Test
  void rotarySettingsThatGiveNoNumbersAreRefused() {
    for (Object theta : new Object[] {1e-300, 1e300}) {
      try {
        new Llama().graph(llama().key("rope_theta", theta).checkpoint());
      } catch (CheckpointException e) {
        assertNames(e.getMessage(), "every frequency is a number");
      }
    }
    TinyDecoder linear =
        llama()
            .key("rope_scaling.rope_type", "linear")
            .key("rope_scaling.factor", 1e-300); // zero as a float
    assertNames(error(new Llama(), linear), "rope_scaling", "every frequency is a number");
  }

  @Test
  void anEmbeddingOfTooManyTokensIsRefused() {
    TinyDecoder tiny = TinyDecoder.gguf("llama", false);
    tiny.put("token_embd.weight", 0, 0, 1L << 40, 0);
    assertNames(error(new Llama(), tiny), "token_embd.weight", "1099511627776");
  }

  @Test
  void longTextsOfTheFileAreCutInErrors() {
    String message = error(new Llama(), llama().key("hidden_act", "x\n".repeat(9_000)));
    assertNames(message, "hidden_act", "silu");
    assertTrue(message.length() < 300 && message.lines().count() == 1, message);
  }
}
