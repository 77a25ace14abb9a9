package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tiny random models in the layout in which DeepSeek publishes R1: BF16, F32 and FP8 with the
 * scales of its blocks, with and without q_lora, on every backend in every form of latent
 * attention. The references are transformers' in float32, for MTP an independent float64 model's;
 * tolerances are those that the references' own README gives, which measured the mistakes that they
 * catch.
 */
class DeepSeekModelsTest {
  private static final double MAX_ABS = 3e-4;
  private static final double MEAN_ABS = 3e-5;
  private static final double MTP_MAX_ABS = 5e-4;
  private static final double HIDDEN_SHARE = 1e-4;
  private static final double ROUTER_WEIGHTS = 2e-5;
  private static final int PROMPTS = 4;

  @TempDir Path scratch;
  private final Host host = new FlatHost();

  /** Every model, on every backend; on the oracle in the forms of attention that are named. */
  static Stream<Arguments> everywhere() {
    Map<String, List<String>> forms = new LinkedHashMap<>();
    forms.put("dsv3_tiny/f32", List.of("auto", "expanded", "absorbed"));
    forms.put("dsv3_tiny/bf16", List.of("auto"));
    forms.put("dsv3_noqlora/f32", List.of("auto", "expanded", "absorbed"));
    forms.put("dsv3_fp8/bf16", List.of("auto"));
    forms.put("dsv3_fp8/fp8", List.of("expanded", "absorbed"));
    return forms.entrySet().stream()
        .flatMap(
            model ->
                Stream.concat(
                    model.getValue().stream()
                        .map(form -> Arguments.of(model.getKey(), "oracle", Map.of("mla", form))),
                    Stream.of(
                        Arguments.of(model.getKey(), "vector", Map.of("activations", "f32")))));
  }

  private static Path folder(String model) {
    return References.folder().resolve("models").resolve(model);
  }

  private References references(String model) throws Exception {
    return new References(
        host, folder(model).resolve("golden.safetensors"), scratch.resolve("golden"));
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void logitsAndGreedyContinuationsEqualTheReference(
      String model, String backend, Map<String, String> options) throws Exception {
    Steps.requireKernels(host, folder(model), backend, options);
    try (References references = references(model);
        LoadedModel loaded =
            host.engine()
                .load(
                    new LoadRequest(folder(model).toString(), Optional.of(backend), 2, 0, options),
                    Progress.NONE)) {
      for (int prompt = 0; prompt < PROMPTS; prompt++) {
        String name = "prompt" + prompt;
        int[] ids = references.ids(name + ".ids");
        float[][] expected = references.rows(name + ".logits");
        Deviation deviation = new Deviation(model + " " + name + " " + backend + options);
        loaded.score(
            ids, (position, logits) -> deviation.logits(position, expected[position], logits));
        System.out.println(deviation);
        deviation.within(MAX_ABS, MEAN_ABS);
        int[] greedy = references.ids(name + ".greedy_ids");
        assertArrayEquals(greedy, TinyModelsTest.greedy(loaded, ids, greedy.length), name);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void hiddenRowsAndChosenExpertsOfEachLayerEqualTheReference(
      String model, String backend, Map<String, String> options) throws Exception {
    try (References references = references(model);
        Steps steps = new Steps(host, folder(model), backend, options)) {
      Graph graph = steps.model().graph();
      Map<String, Value> traced = new LinkedHashMap<>();
      Steps.byLayer(graph, Op.Add.class)
          .forEach((layer, add) -> traced.put("hidden.layer" + layer, add.out().getFirst()));
      traced.put("hidden.embed", graph.nodes().getFirst().out().getFirst());
      traced.put(
          "hidden.final_norm",
          Steps.byLayer(graph, Op.RmsNorm.class)
              .get(steps.model().info().layers())
              .out()
              .getFirst());
      Map<Integer, Node> routers = Steps.byLayer(graph, Op.Route.class);
      Map<String, Value> all = new LinkedHashMap<>(traced);
      routers.forEach(
          (layer, route) -> {
            all.put("indices." + layer, route.out().get(0));
            all.put("weights." + layer, route.out().get(1));
          });
      Steps.Result result = steps.run(graph, references.ids("prompt2.ids"), all, Map.of());
      assertEquals(2 + steps.model().info().layers(), traced.size());
      for (String name : traced.keySet()) {
        compare(references.rows("trace." + name), result.rows(name), model + " " + name)
            .withinShare(HIDDEN_SHARE);
      }
      assertTrue(!routers.isEmpty());
      for (int layer : routers.keySet()) {
        compareExperts(
            references,
            "trace.router.layer" + layer + ".indices",
            "trace.router.layer" + layer + ".weights",
            result.numbers("indices." + layer),
            result.rows("weights." + layer));
      }
    }
  }

  private static Deviation compare(float[][] expected, float[][] found, String what) {
    assertEquals(expected.length, found.length, what);
    Deviation deviation = new Deviation(what);
    for (int row = 0; row < expected.length; row++) {
      deviation.row(expected[row], found[row]);
    }
    return deviation;
  }

  /** The reference has each token's experts by their number, a backend best first. */
  private static void compareExperts(
      References references, String indices, String weights, int[] chosen, float[][] found) {
    float[][] expected = references.rows(weights);
    int[] expectedExperts = references.ids(indices);
    int top = expected[0].length;
    Deviation deviation = new Deviation(weights);
    for (int column = 0; column < expected.length; column++) {
      int at = column * top;
      float[] row = found[column];
      List<Integer> order =
          IntStream.range(0, top)
              .boxed()
              .sorted(Comparator.comparingInt(rank -> chosen[at + rank]))
              .toList();
      assertArrayEquals(
          Arrays.copyOfRange(expectedExperts, at, at + top),
          order.stream().mapToInt(rank -> chosen[at + rank]).toArray(),
          indices + " of column " + column);
      float[] sorted = new float[top];
      for (int i = 0; i < top; i++) {
        sorted[i] = row[order.get(i)];
      }
      deviation.row(expected[column], sorted);
    }
    deviation.within(ROUTER_WEIGHTS, ROUTER_WEIGHTS);
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void theDraftGraphGuessesAsTheReferencesMtpModule(
      String model, String backend, Map<String, String> options) throws Exception {
    try (References references = references(model);
        Steps steps = new Steps(host, folder(model), backend, options)) {
      boolean drafts = references.has("mtp.logits_postnorm");
      assertEquals(drafts, steps.model().draft().isPresent());
      if (!drafts) {
        return;
      }
      int[] ids = references.ids("prompt2.ids");
      float[][] hidden =
          steps.run(steps.model().graph(), ids, Map.of(), Map.of()).rows(Graph.HIDDEN);
      Graph draft = steps.model().draft().orElseThrow();
      Node router = Steps.byLayer(draft, Op.Route.class).values().iterator().next();
      Steps.Result result =
          steps.run(
              draft,
              Arrays.copyOfRange(ids, 1, ids.length),
              Map.of("indices", router.out().get(0), "weights", router.out().get(1)),
              Map.of(Graph.HIDDEN, Arrays.copyOf(hidden, ids.length - 1)));
      float[][] expected = references.rows("mtp.logits_postnorm");
      float[][] found = result.rows(Graph.LOGITS);
      Deviation deviation = new Deviation(model + " MTP " + backend + options);
      for (int row = 0; row < expected.length; row++) {
        deviation.logits(row, expected[row], found[row]);
      }
      System.out.println(deviation);
      deviation.within(MTP_MAX_ABS, MTP_MAX_ABS);
      compare(
              references.rows("mtp.block_out_postnorm"),
              result.rows(Graph.HIDDEN),
              model + " MTP block")
          .withinShare(HIDDEN_SHARE);
      compareExperts(
          references,
          "mtp.router.indices_postnorm",
          "mtp.router.weights_postnorm",
          result.numbers("indices"),
          result.rows("weights"));
    }
  }

  /** As DeepSeek publishes R1: FP8 in many files, scales not always beside their values. */
  @Test
  void aFolderOfSeveralFilesGivesTheSameBits() throws Exception {
    int[] ids = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    String model = "dsv3_fp8/fp8";
    Path sharded;
    try (Checkpoint whole = host.openCheckpoint(folder(model).toString(), Progress.NONE)) {
      sharded = ShardedFolder.write(whole, scratch.resolve("sharded"), 3);
    }
    try (Steps one = new Steps(host, folder(model), "oracle", Map.of());
        Steps other = new Steps(host, sharded, "oracle", Map.of())) {
      assertArrayEquals(
          one.run(one.model().graph(), ids, Map.of(), Map.of()).rows(Graph.LOGITS),
          other.run(other.model().graph(), ids, Map.of(), Map.of()).rows(Graph.LOGITS));
    }
    Files.delete(sharded.resolve("model-00002-of-000003.safetensors"));
    String message =
        assertThrows(
                BurhanException.class, () -> host.openCheckpoint(sharded.toString(), Progress.NONE))
            .getMessage();
    assertTrue(message.contains("model-00002-of-000003.safetensors"), message);
  }
}
