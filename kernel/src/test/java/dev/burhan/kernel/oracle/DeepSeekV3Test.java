package dev.burhan.kernel.oracle;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.Limits;
import dev.burhan.backend.Outcome;
import dev.burhan.backend.Outputs;
import dev.burhan.backend.Phase;
import dev.burhan.backend.Program;
import dev.burhan.backend.Stop;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Source;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weight.Use;
import dev.burhan.kernel.executor.HostBackend;
import dev.burhan.kernel.executor.NamedKernels;
import dev.burhan.kernel.memory.NativeHostMemory;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.SafetensorsFile;
import dev.burhan.kernel.testing.TestBatch;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The oracle's latent attention, router and experts in a whole model: a DeepSeek-V3 graph written
 * out here against transformers' logits, router choices included.
 */
class DeepSeekV3Test {
  private static final double MAX_ABS = 3e-4;
  private static final double MEAN_ABS = 3e-5;
  private static final List<DataType> F32 = List.of(DataType.F32);

  /** Widths as config.json has them; qLora is 0 for models without. */
  private record Config(
      int layers,
      int hidden,
      int inner,
      int expertInner,
      int heads,
      int qLora,
      int kvLora,
      int nope,
      int rope,
      int v,
      int experts,
      int groups,
      int groupsKept,
      int top,
      int shared,
      float scale,
      boolean normalise,
      int vocabulary,
      int original,
      double mscaleAllDim) {

    static Config of(String model) {
      return switch (model) {
        case "dsv3_tiny" ->
            new Config(4, 64, 96, 32, 4, 24, 32, 16, 8, 16, 16, 4, 2, 4, 1, 2.5f, true, 512, 64, 1);
        case "dsv3_noqlora" ->
            new Config(3, 48, 80, 20, 3, 0, 24, 12, 16, 20, 8, 1, 1, 3, 2, 1, false, 320, 64, 0.6);
        case "dsv3_fp8" ->
            new Config(
                2, 192, 320, 136, 4, 96, 144, 32, 16, 32, 8, 4, 2, 3, 1, 2.5f, true, 256, 1024, 1);
        default -> throw new IllegalArgumentException(model);
      };
    }
  }

  private Config c;
  private SafetensorsFile file;
  private MemoryCheckpoint checkpoint;
  private final GraphBuilder g = new GraphBuilder();
  private Op.Rope queryRope;
  private Op.Rope keyRope;
  private float softmaxScale;

  @ParameterizedTest
  @CsvSource({
    "dsv3_tiny, f32, expanded",
    "dsv3_tiny, f32, absorbed",
    "dsv3_tiny, bf16, auto",
    "dsv3_noqlora, f32, expanded",
    "dsv3_noqlora, f32, absorbed",
    "dsv3_fp8, fp8, absorbed",
    "dsv3_fp8, bf16, absorbed"
  })
  void logitsEqualTheReference(String model, String type, String mla) {
    String folder = "models/" + model + "/" + type + "/";
    c = Config.of(model);
    file = new SafetensorsFile(SafetensorsFile.golden(folder + "model.safetensors"));
    checkpoint = new MemoryCheckpoint("safetensors");
    var golden = new SafetensorsFile(SafetensorsFile.golden(folder + "golden.safetensors"));
    positions();
    Graph graph = graph();
    int[] ids = golden.tensor("prompt2.ids").ints();
    float[] found = run(graph, mla, ids);
    float[] expected = golden.tensor("prompt2.logits").floats();
    assertEquals(expected.length, found.length);
    double max = 0;
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      max = Math.max(max, Math.abs(expected[i] - found[i]));
      sum += Math.abs(expected[i] - found[i]);
    }
    System.out.printf(
        "%s %s mla=%s: logits differ by %.1e at most, %.1e in the mean%n",
        model, type, mla, max, sum / expected.length);
    assertTrue(max <= MAX_ABS, "largest difference " + max);
    assertTrue(sum / expected.length <= MEAN_ABS, "mean difference " + sum / expected.length);
  }

  /** YaRN with factor 40, theta 10000, beta 32 and 1, mscale 1 (make/ref_dsv3.py). */
  private void positions() {
    int pairs = c.rope() / 2;
    double low = Math.max(Math.floor(turning(32)), 0);
    double high = Math.min(Math.ceil(turning(1)), c.rope() - 1);
    high = low == high ? high + 0.001 : high;
    float[] frequencies = new float[pairs];
    for (int j = 0; j < pairs; j++) {
      double plain = Math.pow(10_000, -2.0 * j / c.rope());
      double ramp = Math.clamp((j - low) / (high - low), 0, 1);
      frequencies[j] = (float) (plain / 40 * ramp + plain * (1 - ramp));
    }
    double all = 0.1 * c.mscaleAllDim() * Math.log(40) + 1;
    float scale = (float) ((0.1 * Math.log(40) + 1) / all);
    var inverse = new InverseFrequencies(frequencies);
    queryRope = new Op.Rope(c.heads(), c.nope() + c.rope(), c.nope(), true, inverse, scale);
    keyRope = new Op.Rope(1, c.rope(), 0, true, inverse, scale);
    softmaxScale = (float) (all * all / Math.sqrt(c.nope() + c.rope()));
  }

  private double turning(double times) {
    return c.rope() * Math.log(c.original() / (times * 2 * Math.PI)) / (2 * Math.log(10_000));
  }

  private Graph graph() {
    Value x = g.embed("embedding", stored("model.embed_tokens.weight", Use.GATHER));
    for (int layer = 0; layer < c.layers(); layer++) {
      g.layer(layer);
      String p = "model.layers." + layer + ".";
      x = g.add("residual", x, attention(p, norm(x, p + "input_layernorm.weight")));
      Value h = norm(x, p + "post_attention_layernorm.weight");
      x = g.add("residual", x, layer == 0 ? swiGlu(p + "mlp.", h) : experts(p + "mlp.", h));
    }
    g.layer(c.layers());
    g.logits("logits", norm(x, "model.norm.weight"), stored("lm_head.weight", Use.MATRIX));
    return g.build();
  }

  private Value attention(String p, Value x) {
    String a = p + "self_attn.";
    Value query =
        c.qLora() == 0
            ? linear(x, a + "q_proj.weight")
            : linear(
                norm(linear(x, a + "q_a_proj.weight"), a + "q_a_layernorm.weight"),
                a + "q_b_proj.weight");
    Value kv = linear(x, a + "kv_a_proj_with_mqa.weight");
    Value latent = norm(g.slice("latent", kv, 0, c.kvLora()), a + "kv_a_layernorm.weight");
    Value rope = g.rope("key", g.slice("rope", kv, c.kvLora(), c.rope()), keyRope);
    CacheSpec cache =
        g.cache(0, new Plane("latent", c.kvLora(), F32), new Plane("rope", c.rope(), F32));
    Weight kvUp = stored(a + "kv_b_proj.weight", Use.MATRIX);
    Source perHead =
        new Source.Reshape(
            kvUp.source(), List.of((long) c.heads(), (long) c.nope() + c.v(), (long) c.kvLora()));
    Value out =
        g.latentAttention(
            "attention",
            g.rope("query", query, queryRope),
            latent,
            rope,
            new Op.LatentAttention(
                cache,
                c.heads(),
                c.nope(),
                c.rope(),
                c.v(),
                part(kvUp, perHead, 0, c.nope()),
                part(kvUp, perHead, c.nope(), c.nope() + c.v()),
                softmaxScale));
    return linear(out, a + "o_proj.weight");
  }

  private Weight part(Weight whole, Source perHead, int from, int to) {
    return new Weight(
        whole.name() + " " + from,
        whole.type(),
        Shape.of(c.heads(), to - from, c.kvLora()),
        new Source.Slice(perHead, 1, from, to),
        Use.MATRIX);
  }

  private Value experts(String p, Value x) {
    GraphBuilder.Routed routed =
        g.route(
            "route",
            x,
            new Op.Route(
                stored(p + "gate.weight", Use.MATRIX),
                Optional.of(stored(p + "gate.e_score_correction_bias", Use.VECTOR)),
                c.groups(),
                c.groupsKept(),
                c.top(),
                Op.Route.Score.SIGMOID,
                c.normalise(),
                c.scale()));
    Value chosen =
        g.experts(
            "experts",
            x,
            routed,
            new Op.Experts(
                stacked(p, "gate_proj"), stacked(p, "up_proj"), stacked(p, "down_proj")));
    return g.add("moe", chosen, swiGlu(p + "shared_experts.", x));
  }

  private Weight stacked(String p, String projection) {
    List<Source> parts = new ArrayList<>();
    Weight first = null;
    for (int e = 0; e < c.experts(); e++) {
      Weight one = stored(p + "experts." + e + "." + projection + ".weight", Use.EXPERTS);
      parts.add(one.source());
      first = first == null ? one : first;
    }
    return new Weight(
        p + projection,
        first.type(),
        Shape.of(c.experts(), first.shape().dim(0), first.shape().dim(1)),
        new Source.Stack(parts),
        Use.EXPERTS);
  }

  private Value swiGlu(String p, Value x) {
    Value inner =
        g.swiGlu("swiglu", linear(x, p + "gate_proj.weight"), linear(x, p + "up_proj.weight"));
    return linear(inner, p + "down_proj.weight");
  }

  private Value norm(Value x, String name) {
    return g.rmsNorm(name, x, stored(name, Use.VECTOR), 1e-6f);
  }

  private Value linear(Value x, String name) {
    return g.linear(name, x, stored(name, Use.MATRIX), Optional.empty());
  }

  /** A tensor of the file, with its FP8 scales if there are such. */
  private Weight stored(String name, Use use) {
    Weight plain = put(name, use);
    String scales = name + "_scale_inv";
    if (!file.has(scales)) {
      return plain;
    }
    return new Weight(
        name,
        DataType.F32,
        plain.shape(),
        new Source.BlockScaled(plain.source(), put(scales, use).source(), 128, 128),
        use);
  }

  private Weight put(String name, Use use) {
    SafetensorsFile.Tensor tensor = file.tensor(name);
    DataType type = DataType.named(tensor.type()).orElseThrow();
    checkpoint.tensor(name, type, Shape.of(tensor.shape()), tensor.bytes());
    return new Weight(name, type, Shape.of(tensor.shape()), new Source.Stored(name), use);
  }

  private float[] run(Graph graph, String mla, int[] ids) {
    NativeHostMemory memory = new NativeHostMemory();
    HostBackend backend =
        new HostBackend(
            List.of(new NamedKernels("oracle", new OracleProvider().open(Map.of("mla", mla)))),
            memory);
    Limits limits = new Limits(ids.length, 1, ids.length, 64, 4, 16, 2, Map.of());
    try (backend;
        Arena arena = Arena.ofConfined();
        CheckpointWeightStore weights = new CheckpointWeightStore(checkpoint, memory);
        Program program = backend.compile(backend.plan(graph, limits), weights)) {
      MemorySegment logits = arena.allocate(JAVA_FLOAT, (long) ids.length * c.vocabulary());
      TestBatch batch =
          new TestBatch(16)
              .add(0, Phase.PROMPT, new int[] {3, 0, 2}, ids)
              .logits(IntStream.range(0, ids.length).toArray());
      assertEquals(Outcome.DONE, program.step(batch, Map.of(), Outputs.logits(logits), Stop.NEVER));
      return logits.toArray(JAVA_FLOAT);
    }
  }
}
