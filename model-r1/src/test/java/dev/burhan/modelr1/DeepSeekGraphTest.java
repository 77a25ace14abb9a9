package dev.burhan.modelr1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.safetensors.SafetensorsFormat;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Op.Route.GroupRanking;
import dev.burhan.graph.Op.Route.Score;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.SafetensorsFile;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Provider;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeepSeekGraphTest {

  private static <T> List<T> ops(Graph graph, Class<T> type) {
    return graph.nodes().stream().map(Node::op).filter(type::isInstance).map(type::cast).toList();
  }

  private static ModelGraph model(TinyDeepSeek tiny) {
    return new DeepSeek().graph(tiny.checkpoint());
  }

  private static Op.Route route(TinyDeepSeek tiny) {
    return ops(model(tiny).graph(), Op.Route.class).getFirst();
  }

  @Test
  void theFamilyIsListedForAFlatClassPath() {
    assertTrue(
        ServiceLoader.load(Provider.class).stream()
            .anyMatch(provider -> provider.type() == DeepSeek.class));
  }

  @ParameterizedTest
  @CsvSource({
    "dsv3_tiny/f32, 4, 3, true",
    "dsv3_tiny/bf16, 4, 3, true",
    "dsv3_noqlora/f32, 3, 2, false",
    "dsv3_fp8/bf16, 2, 1, true",
    "dsv3_fp8/fp8, 2, 1, true"
  })
  void graphsOfTheReferenceModels(String folder, int layers, int mixtures, boolean drafts) {
    try (Checkpoint checkpoint =
        new SafetensorsFormat().open(SafetensorsFile.golden("models/" + folder))) {
      ModelGraph model = new DeepSeek().graph(checkpoint);
      assertEquals("deepseek_v3", model.info().architecture());
      assertEquals(layers, model.info().layers());
      assertEquals(Set.of(Graph.LOGITS, Graph.HIDDEN), model.graph().outputs().keySet());
      assertEquals(layers, ops(model.graph(), Op.LatentAttention.class).size());
      assertEquals(mixtures, ops(model.graph(), Op.Experts.class).size());
      assertEquals(drafts, model.draft().isPresent());
      long parameters =
          checkpoint.tensors().values().stream()
              .filter(info -> !info.name().startsWith("model.layers." + layers + "."))
              .filter(info -> !info.name().endsWith("_scale_inv"))
              .mapToLong(info -> info.shape().elements())
              .sum();
      assertEquals(parameters, model.info().parameters());
    }
  }

  @Test
  void makingAGraphReadsNoWeight() {
    for (TinyDeepSeek tiny : List.of(TinyDeepSeek.huggingFace(), TinyDeepSeek.gguf())) {
      MemoryCheckpoint checkpoint = tiny.checkpoint();
      assertTrue(new DeepSeek().graph(checkpoint).draft().isPresent());
      assertFalse(checkpoint.wasRead());
    }
  }

  @Test
  void theCacheHoldsLatentAndRotatedPartAndNothingPerHead() {
    for (TinyDeepSeek tiny : List.of(TinyDeepSeek.huggingFace(), TinyDeepSeek.gguf())) {
      Graph graph = model(tiny).graph();
      assertEquals(TinyDeepSeek.LAYERS, graph.caches().size());
      graph
          .caches()
          .forEach(
              cache ->
                  assertEquals(
                      TinyDeepSeek.RANK + TinyDeepSeek.ROPE,
                      cache.planes().stream().mapToInt(plane -> plane.numbers()).sum()));
    }
  }

  @Test
  void keyAndValueProjectionsArePartsOfOneTensorPerHead() {
    Op.LatentAttention attention =
        ops(model(TinyDeepSeek.huggingFace()).graph(), Op.LatentAttention.class).get(1);
    Source perHead =
        new Source.Reshape(
            new Source.Stored("model.layers.1.self_attn.kv_b_proj.weight"), List.of(2L, 7L, 10L));
    assertEquals(new Source.Slice(perHead, 1, 0, 4), attention.keyUp().source());
    assertEquals(new Source.Slice(perHead, 1, 4, 7), attention.valueUp().source());
    assertEquals(Shape.of(2, 4, 10), attention.keyUp().shape());
    assertEquals(Shape.of(2, 3, 10), attention.valueUp().shape());
  }

  @Test
  void theSharedExpertRunsBetweenRouterAndExperts() {
    List<String> names =
        model(TinyDeepSeek.huggingFace()).graph().nodes().stream()
            .filter(node -> node.layer() == 1)
            .map(node -> node.out().getFirst().name())
            .toList();
    assertEquals(
        List.of(
            "router.experts",
            "shared.gate",
            "shared.up",
            "shared.swiglu",
            "shared.down",
            "experts",
            "ffn",
            "residual"),
        names.subList(names.indexOf("router.experts"), names.size()));
  }

  @Test
  void fp8ExpertsAreAStackOfValuesWithAStackOfScales() {
    TinyDeepSeek tiny = TinyDeepSeek.huggingFace();
    for (int expert = 0; expert < TinyDeepSeek.EXPERTS; expert++) {
      tiny.fp8("model.layers.1.mlp.experts." + expert + ".up_proj.weight");
    }
    Weight up = ops(model(tiny).graph(), Op.Experts.class).getFirst().up();
    assertEquals(DataType.F32, up.type());
    var scaled = (Source.BlockScaled) up.source();
    assertEquals(128, scaled.blockRows());
    assertEquals(TinyDeepSeek.EXPERTS, ((Source.Stack) scaled.values()).parts().size());
    assertEquals(
        new Source.Stored("model.layers.1.mlp.experts.7.up_proj.weight_scale_inv"),
        ((Source.Stack) scaled.scales()).parts().get(7));
  }

  @Test
  void theDraftSharesWhatItsLayerLacks() {
    for (TinyDeepSeek tiny : List.of(TinyDeepSeek.huggingFace(), TinyDeepSeek.gguf())) {
      boolean gguf = tiny.checkpoint().format().equals("gguf");
      TensorNames names = gguf ? TensorNames.GGUF : TensorNames.HUGGING_FACE;
      Graph whole = model(tiny).draft().orElseThrow();
      assertEquals(Graph.HIDDEN, whole.inputs().getFirst().name());
      assertEquals(
          names.name(Part.DRAFT_HEAD, TinyDeepSeek.LAYERS),
          ops(whole, Op.Logits.class).getFirst().head().name());
      tiny.remove(names.name(Part.DRAFT_HEAD, TinyDeepSeek.LAYERS));
      tiny.remove(names.name(Part.DRAFT_EMBEDDING, TinyDeepSeek.LAYERS));
      Graph sharing = model(tiny).draft().orElseThrow();
      assertEquals(
          names.name(Part.HEAD, 0), ops(sharing, Op.Logits.class).getFirst().head().name());
      assertEquals(
          names.name(Part.EMBEDDING, 0), ops(sharing, Op.Embed.class).getFirst().table().name());
    }
  }

  @Test
  void aFolderWithoutTheLayerThatDraftsIsAModelWithoutDraft() {
    TinyDeepSeek tiny = TinyDeepSeek.huggingFace();
    List<String> names = List.copyOf(tiny.checkpoint().tensors().keySet());
    names.stream().filter(name -> name.startsWith("model.layers.3.")).forEach(tiny::remove);
    assertTrue(model(tiny).draft().isEmpty());
  }

  @Test
  void layersThatGuessFurtherAheadAreLeftAside() {
    TinyDeepSeek tiny = TinyDeepSeek.huggingFace().key("num_nextn_predict_layers", 2L);
    tiny.put("model.layers.4.enorm.weight", TinyDeepSeek.HIDDEN);
    assertTrue(model(tiny).draft().isPresent());
  }

  @Test
  void routersAreReadAsPublished() {
    Op.Route v3 = route(TinyDeepSeek.huggingFace());
    assertEquals(Score.SIGMOID, v3.score());
    assertEquals(GroupRanking.TWO_BEST, v3.ranking());
    assertEquals(List.of(4, 2, 2), List.of(v3.groups(), v3.groupsKept(), v3.top()));
    assertTrue(v3.bias().isPresent() && v3.normalise());
    assertEquals(2.5f, v3.scale());
  }

  private static TinyDeepSeek v2() {
    TinyDeepSeek tiny =
        TinyDeepSeek.huggingFace()
            .key("model_type", "deepseek_v2")
            .key("scoring_func", "softmax")
            .key("topk_method", "greedy")
            .key("norm_topk_prob", false);
    for (int layer = 1; layer <= TinyDeepSeek.LAYERS; layer++) {
      tiny.remove("model.layers." + layer + ".mlp.gate.e_score_correction_bias");
    }
    return tiny;
  }

  @Test
  void deepSeekV2ChoosesByScoreAlone() {
    Op.Route lite = route(v2());
    assertEquals(Score.SOFTMAX, lite.score());
    assertEquals(1, lite.groups());
    assertTrue(lite.bias().isEmpty());
    Op.Route grouped = route(v2().key("topk_method", "group_limited_greedy"));
    assertEquals(List.of(4, 2), List.of(grouped.groups(), grouped.groupsKept()));
    assertEquals(GroupRanking.BEST, grouped.ranking());
  }

  @Test
  void aModelWithoutExpertsIsDense() {
    TinyDeepSeek tiny =
        TinyDeepSeek.huggingFace()
            .removeKey("n_routed_experts")
            .key("num_hidden_layers", 1L)
            .removeKey("num_nextn_predict_layers");
    List<String> names = List.copyOf(tiny.checkpoint().tensors().keySet());
    names.stream().filter(name -> name.matches("model.layers.[123].*")).forEach(tiny::remove);
    assertTrue(ops(model(tiny).graph(), Op.Experts.class).isEmpty());
  }

  @Test
  void ggufKeysThatOlderFilesLackAreFilledInFromWhatIsThere() {
    assertEquals(Score.SIGMOID, route(TinyDeepSeek.gguf()).score()); // it has a bias
    TinyDeepSeek older = TinyDeepSeek.gguf();
    for (int layer = 1; layer <= TinyDeepSeek.LAYERS; layer++) {
      older.remove("blk." + layer + ".exp_probs_b.bias");
    }
    assertEquals(Score.SOFTMAX, route(older).score());
    assertEquals(1, route(TinyDeepSeek.gguf()).groups());
    Op.Route told =
        route(
            TinyDeepSeek.gguf()
                .key("deepseek2.expert_group_count", 4L)
                .key("deepseek2.expert_group_used_count", 2L)
                .key("deepseek2.expert_weights_scale", 0.0));
    assertEquals(List.of(4, 2), List.of(told.groups(), told.groupsKept()));
    assertEquals(1f, told.scale());
  }

  @Test
  void filesThatDescribeOneKeyHeadGiveTheRealHeads() {
    TinyDeepSeek tiny =
        TinyDeepSeek.gguf()
            .key("deepseek2.attention.head_count_kv", 1L)
            .key("deepseek2.attention.key_length", (long) TinyDeepSeek.RANK + TinyDeepSeek.ROPE)
            .key("deepseek2.attention.value_length", (long) TinyDeepSeek.RANK)
            .key("deepseek2.attention.key_length_mla", (long) TinyDeepSeek.NOPE + TinyDeepSeek.ROPE)
            .key("deepseek2.attention.value_length_mla", (long) TinyDeepSeek.VALUE);
    for (int layer = 0; layer <= TinyDeepSeek.LAYERS; layer++) {
      String block = "blk." + layer + ".";
      tiny.remove(block + "attn_kv_b.weight");
      tiny.put(block + "attn_k_b.weight", TinyDeepSeek.HEADS, TinyDeepSeek.RANK, TinyDeepSeek.NOPE);
      tiny.put(
          block + "attn_v_b.weight", TinyDeepSeek.HEADS, TinyDeepSeek.VALUE, TinyDeepSeek.RANK);
    }
    Op.LatentAttention attention = ops(model(tiny).graph(), Op.LatentAttention.class).getFirst();
    assertEquals(Shape.of(2, 4, 10), attention.keyUp().shape());
    assertTrue(attention.keyUp().source() instanceof Source.Transpose);
    assertEquals(Shape.of(2, 3, 10), attention.valueUp().shape());
  }

  /** The published config.json of DeepSeek-R1, as far as positions are concerned. */
  @Test
  void yarnOfTheRealModel() {
    TinyDeepSeek tiny =
        TinyDeepSeek.huggingFace()
            .key("max_position_embeddings", 163_840L)
            .key("rope_scaling.type", "yarn")
            .key("rope_scaling.factor", 40L)
            .key("rope_scaling.mscale", 1.0)
            .key("rope_scaling.mscale_all_dim", 1.0)
            .key("rope_scaling.beta_fast", 32L)
            .key("rope_scaling.beta_slow", 1L)
            .key("rope_scaling.original_max_position_embeddings", 4096L);
    ModelGraph model = model(tiny);
    assertEquals(163_840, model.info().context());
    Op.Rope rope = ops(model.graph(), Op.Rope.class).getFirst();
    assertTrue(rope.interleaved());
    assertEquals(1f, rope.scale());
    double magnitude = 0.1 * Math.log(40) + 1;
    assertEquals(
        magnitude * magnitude / Math.sqrt(TinyDeepSeek.NOPE + TinyDeepSeek.ROPE),
        ops(model.graph(), Op.LatentAttention.class).getFirst().scale(),
        1e-6);
    TinyDeepSeek gguf =
        TinyDeepSeek.gguf()
            .key("deepseek2.rope.scaling.type", "yarn")
            .key("deepseek2.rope.scaling.factor", 40.0)
            .key("deepseek2.rope.scaling.original_context_length", 4096L)
            .key("deepseek2.rope.scaling.yarn_log_multiplier", (double) 0.1f);
    assertEquals(rope, ops(model(gguf).graph(), Op.Rope.class).getFirst());
    assertEquals(
        ops(model.graph(), Op.LatentAttention.class).getFirst().scale(),
        ops(model(gguf).graph(), Op.LatentAttention.class).getFirst().scale());
  }

  @Test
  void everyWeightOfTheDraftIsOfItsLayerOrSharedWithTheModel() {
    ModelGraph model = model(TinyDeepSeek.huggingFace());
    Set<Weight> shared = model.graph().weights();
    model.draft().orElseThrow().nodes().stream()
        .flatMap(node -> Weights.of(node.op()).stream())
        .forEach(
            weight ->
                assertTrue(
                    weight.name().startsWith("model.layers.3.") || shared.contains(weight),
                    weight.name()));
  }
}
