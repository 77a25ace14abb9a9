package dev.burhan.backendtck;

import dev.burhan.backend.Backend;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Value;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Tiny random models in the layouts in which qwen2, llama and R1 are published, against
 * transformers in float32 and, for MTP, an independent float64 model. Tolerances are those that the
 * references' own README gives, which measured the mistakes that they catch.
 */
final class GoldenChecks {
  private static final double MAX_ABS = 3e-4;
  private static final double MEAN_ABS = 3e-5;
  private static final double MTP_MAX_ABS = 5e-4;
  private static final double HIDDEN_SHARE = 1e-4;
  private static final double ROUTER_WEIGHTS = 2e-5;
  private static final int PROMPTS = 4;
  private static final List<String> DENSE =
      List.of(
          "qwen2_tied/f32",
          "qwen2_untied/f32",
          "qwen2_untied/bf16",
          "llama_tied/f32",
          "llama_rope3/f32",
          "llama_rope3/bf16");
  private static final List<String> LATENT =
      List.of(
          "dsv3_tiny/f32", "dsv3_tiny/bf16", "dsv3_noqlora/f32", "dsv3_fp8/bf16", "dsv3_fp8/fp8");

  private static final List<String> FORMS = List.of("auto", "expanded", "absorbed");
  private static final Set<String> BOTH_FORMS =
      Set.of("dsv3_tiny/f32", "dsv3_noqlora/f32", "dsv3_fp8/fp8");

  private final Session session;
  private final Path folder;

  GoldenChecks(Session session) {
    this.session = session;
    this.folder = session.options().goldens().orElseGet(GoldenArrays::goldens);
  }

  private interface Body {
    String check(ModelSteps steps, GoldenArrays references);
  }

  List<Check> checks() {
    if (!Files.isDirectory(folder.resolve("models"))) {
      return List.of(new Check(Category.GOLDENS, "reference outputs", this::missing));
    }
    List<Check> checks = new ArrayList<>();
    for (String model : DENSE) {
      Subject strict = session.strict();
      add(checks, model, "logits and greedy texts", strict, GoldenChecks::continuations);
    }
    for (String model : LATENT) {
      for (String form : FORMS) {
        Subject subject = session.strict().with(Subject.MLA, form);
        String name = model + " " + form;
        if (form.equals("auto") || BOTH_FORMS.contains(model)) {
          add(checks, name, "logits and greedy texts", subject, GoldenChecks::continuations);
        }
        if (form.equals("auto") || form.equals("absorbed") && BOTH_FORMS.contains(model)) {
          add(checks, name, "hidden rows and experts", subject, GoldenChecks::traces);
          add(checks, name, "MTP", subject, GoldenChecks::drafts);
        } // the expanded form is what auto takes for prompts
      }
    }
    return checks;
  }

  private String missing() {
    String what =
        folder.toAbsolutePath().normalize()
            + " is missing: set -Dburhan.golden or BURHAN_GOLDEN to the reference outputs";
    if ("true".equals(System.getenv("CI"))) {
      throw new AssertionError(what);
    }
    throw new Check.Skipped(what);
  }

  private void add(List<Check> checks, String name, String what, Subject subject, Body body) {
    String model = name.split(" ")[0];
    checks.add(new Check(Category.GOLDENS, name + ": " + what, () -> check(model, subject, body)));
  }

  private String check(String model, Subject subject, Body body) {
    if (!subject.opens()) {
      throw new Check.Skipped("the backend does not know the options " + subject.options());
    }
    CountedMemory memory = new CountedMemory();
    Host host = new TckHost(memory);
    Path files = folder.resolve("models").resolve(model);
    try (Backend backend = subject.open(memory);
        GoldenArrays references = new GoldenArrays(host, files.resolve("golden.safetensors"))) {
      Checkpoint checkpoint = host.openCheckpoint(files.toString(), Progress.NONE);
      try (ModelSteps steps = new ModelSteps(host, checkpoint, backend)) {
        List<String> refusals = steps.refusals();
        if (!refusals.isEmpty()) {
          throw new Check.Skipped("unsupported: " + String.join("; ", refusals));
        }
        return body.check(steps, references);
      }
    }
  }

  private static String continuations(ModelSteps steps, GoldenArrays references) {
    List<int[]> prompts =
        IntStream.range(0, PROMPTS)
            .mapToObj(prompt -> references.ids("prompt" + prompt + ".ids"))
            .toList();
    int count = references.ids("prompt0.greedy_ids").length;
    List<ModelSteps.Continuation> found = steps.continuations(prompts, count);
    Deviation all = new Deviation("logits");
    for (int prompt = 0; prompt < PROMPTS; prompt++) {
      String name = "prompt" + prompt;
      float[][] expected = references.rows(name + ".logits");
      float[][] logits = found.get(prompt).logits();
      Deviation deviation = new Deviation(name);
      for (int position = 0; position < expected.length; position++) {
        deviation.logits(position, expected[position], logits[position]);
      }
      deviation.within(MAX_ABS, MEAN_ABS);
      all.rows(expected, logits);
      int[] greedy = references.ids(name + ".greedy_ids");
      int[] tokens = found.get(prompt).tokens();
      Check.require(
          Arrays.equals(greedy, tokens),
          "%s: the greedy text is %s, found %s"
              .formatted(name, Arrays.toString(greedy), Arrays.toString(tokens)));
    }
    return all.toString();
  }

  private static String traces(ModelSteps steps, GoldenArrays references) {
    Graph graph = steps.model().graph();
    int layers = steps.model().info().layers();
    Map<String, Value> hidden = new LinkedHashMap<>();
    ModelSteps.byLayer(graph, Op.Add.class)
        .forEach((layer, add) -> hidden.put("hidden.layer" + layer, add.out().getFirst()));
    hidden.put("hidden.embed", graph.nodes().getFirst().out().getFirst());
    hidden.put(
        "hidden.final_norm",
        ModelSteps.byLayer(graph, Op.RmsNorm.class).get(layers).out().getFirst());
    Check.require(hidden.size() == layers + 2, "traced are " + hidden.keySet());
    Map<Integer, Node> routers = ModelSteps.byLayer(graph, Op.Route.class);
    Map<String, Value> all = new LinkedHashMap<>(hidden);
    routers.forEach(
        (layer, route) -> {
          all.put("indices." + layer, route.out().get(0));
          all.put("weights." + layer, route.out().get(1));
        });
    ModelSteps.Result result = steps.run(graph, references.ids("prompt2.ids"), all, Map.of());
    for (String name : hidden.keySet()) {
      new Deviation(name)
          .rows(references.rows("trace." + name), result.rows(name))
          .withinShare(HIDDEN_SHARE);
    }
    Check.require(!routers.isEmpty(), "the graph has no router");
    for (int layer : routers.keySet()) {
      compareExperts(
          references,
          "trace.router.layer" + layer + ".indices",
          "trace.router.layer" + layer + ".weights",
          result.numbers("indices." + layer),
          result.rows("weights." + layer));
    }
    return hidden.size() + " values, " + routers.size() + " routers";
  }

  /** The reference has each token's experts by their number, a backend best first. */
  private static void compareExperts(
      GoldenArrays references, String indices, String weights, int[] chosen, float[][] found) {
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
      int[] want = Arrays.copyOfRange(expectedExperts, at, at + top);
      int[] have = order.stream().mapToInt(rank -> chosen[at + rank]).toArray();
      Check.require(
          Arrays.equals(want, have),
          "%s of column %d: expected %s, found %s"
              .formatted(indices, column, Arrays.toString(want), Arrays.toString(have)));
      float[] sorted = new float[top];
      for (int i = 0; i < top; i++) {
        sorted[i] = row[order.get(i)];
      }
      deviation.row(expected[column], sorted);
    }
    deviation.within(ROUTER_WEIGHTS, ROUTER_WEIGHTS);
  }

  private static String drafts(ModelSteps steps, GoldenArrays references) {
    boolean drafts = references.has("mtp.logits_postnorm");
    Check.require(
        drafts == steps.model().draft().isPresent(), "the model's MTP module is not where it was");
    if (!drafts) {
      return "the model has none";
    }
    int[] ids = references.ids("prompt2.ids");
    float[][] hidden = steps.run(steps.model().graph(), ids, Map.of(), Map.of()).rows(Graph.HIDDEN);
    Graph draft = steps.model().draft().orElseThrow();
    Node router = ModelSteps.byLayer(draft, Op.Route.class).values().iterator().next();
    ModelSteps.Result result =
        steps.run(
            draft,
            Arrays.copyOfRange(ids, 1, ids.length),
            Map.of("indices", router.out().get(0), "weights", router.out().get(1)),
            Map.of(Graph.HIDDEN, Arrays.copyOf(hidden, ids.length - 1)));
    float[][] expected = references.rows("mtp.logits_postnorm");
    float[][] found = result.rows(Graph.LOGITS);
    Deviation deviation = new Deviation("MTP logits");
    for (int row = 0; row < expected.length; row++) {
      deviation.logits(row, expected[row], found[row]);
    }
    deviation.within(MTP_MAX_ABS, MTP_MAX_ABS);
    new Deviation("MTP block")
        .rows(references.rows("mtp.block_out_postnorm"), result.rows(Graph.HIDDEN))
        .withinShare(HIDDEN_SHARE);
    compareExperts(
        references,
        "mtp.router.indices_postnorm",
        "mtp.router.weights_postnorm",
        result.numbers("indices"),
        result.rows("weights"));
    return deviation.toString();
  }
}
