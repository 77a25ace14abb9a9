package dev.burhan.kernel.executor;

import dev.burhan.backend.Layout;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Numerics;
import dev.burhan.backend.PackedWeight;
import dev.burhan.backend.Plan;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.CustomOp;
import dev.burhan.graph.Graph;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.kernel.weights.WeightKey;
import dev.burhan.tensor.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Decides which library runs which node, and counts bytes and operations. Reads no weight. */
final class HostPlanner {
  private static final String NOTHING = "nothing";

  private final List<NamedKernels> libraries;

  HostPlanner(List<NamedKernels> libraries) {
    this.libraries = libraries;
  }

  Plan plan(Graph whole, Limits limits) {
    List<String> refusals = new ArrayList<>();
    Graph graph = expand(whole);
    List<String> placement = new ArrayList<>();
    Set<String> refused = new TreeSet<>();
    for (Node node : graph.nodes()) {
      Optional<Placement> libraries = Placement.of(node, this.libraries);
      placement.add(libraries.map(Placement::name).orElse(NOTHING));
      if (libraries.isEmpty()) {
        refused.add(describe(node));
      }
    }
    String names = libraries.stream().map(NamedKernels::name).collect(Collectors.joining(", "));
    refused.forEach(op -> refusals.add("backend '" + names + "' has no kernel for " + op));
    for (CacheSpec cache : graph.caches()) {
      for (Plane plane : cache.planes()) {
        DataType type = limits.typeOf(plane);
        if (!KvMemory.holds(type)) {
          refusals.add("host memory can't hold the cache's " + plane.name() + " as " + type);
        }
      }
    }
    return new Plan(
        graph,
        limits,
        placement,
        weightBytes(graph, placement, limits.expertBytes()),
        KvMemory.pageBytes(graph, limits),
        scratchBytes(graph, limits),
        bytesPerToken(graph, placement),
        flopsPerToken(graph),
        numerics(placement, graph, limits),
        refusals);
  }

  /** Replaces custom ops that no library knows, until none is left. */
  private Graph expand(Graph graph) {
    if (graph.nodes().stream().noneMatch(this::needsExpansion)) {
      return graph;
    }
    int firstValue =
        1
            + graph.nodes().stream()
                .flatMap(node -> node.out().stream())
                .mapToInt(Value::id)
                .max()
                .orElse(0);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (needsExpansion(node)) {
        GraphBuilder builder = new GraphBuilder(firstValue).layer(node.layer());
        ((CustomOp) node.op()).expand(node, builder);
        nodes.addAll(builder.nodes());
        firstValue = builder.nextValue();
      } else {
        nodes.add(node);
      }
    }
    return expand(new Graph(graph.inputs(), nodes, graph.caches(), graph.outputs()));
  }

  private boolean needsExpansion(Node node) {
    return node.op() instanceof CustomOp && Placement.of(node, libraries).isEmpty();
  }

  private static String describe(Node node) {
    String types =
        Weights.of(node.op()).stream()
            .map(weight -> weight.type().name())
            .distinct()
            .collect(Collectors.joining(", "));
    String op =
        node.op() instanceof CustomOp custom ? custom.id() : node.op().getClass().getSimpleName();
    return types.isEmpty() ? op : op + " of " + types;
  }

  /**
   * Each copy once. A table whose rows are looked up where the file is mapped takes no memory to
   * speak of beside a packed copy of itself, the tied head.
   *
   * @param expertBytes what experts may take; 0 for all of them
   */
  private long weightBytes(Graph graph, List<String> placement, long expertBytes) {
    Map<WeightKey, Long> copies = new HashMap<>();
    Map<WeightKey, Long> tables = new HashMap<>();
    Map<WeightKey, Long> experts = new HashMap<>(); // those that are read when they are chosen
    for (int i = 0; i < placement.size(); i++) {
      for (Optional<NamedKernels> library : named(placement.get(i))) {
        for (Weight weight : weights(graph.nodes().get(i), library)) {
          Layout layout = layout(weight, library);
          boolean lookedUp = weight.use() == Weight.Use.GATHER && layout.equals(Layout.FILE);
          boolean slots = expertBytes > 0 && CheckpointWeightStore.inSlots(weight, layout);
          (lookedUp ? tables : slots ? experts : copies)
              .put(WeightKey.of(weight, layout), bytes(weight, layout, library));
        }
      }
    }
    Set<WeightKey> copied =
        copies.keySet().stream()
            .map(key -> new WeightKey(key.source(), key.type(), key.shape(), Layout.FILE))
            .collect(Collectors.toSet());
    tables.keySet().removeAll(copied);
    return sum(copies) + sum(tables) + Math.min(sum(experts), expertBytes);
  }

  private static long sum(Map<WeightKey, Long> bytes) {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  private static List<Weight> weights(Node node, Optional<NamedKernels> library) {
    return library
        .map(named -> named.kernels().weights(node))
        .orElseGet(() -> Weights.of(node.op()));
  }

  /** The libraries of a placement, that of the generated columns last; one empty if none is. */
  private List<Optional<NamedKernels>> named(String placement) {
    return placement.equals(NOTHING)
        ? List.of(Optional.empty())
        : Placement.named(placement, libraries).libraries().stream().map(Optional::of).toList();
  }

  private static Layout layout(Weight weight, Optional<NamedKernels> library) {
    return library
        .map(named -> ProgramMemory.layout(weight, named.kernels()))
        .orElse(weight.use() == Weight.Use.VECTOR ? Layout.F32 : Layout.FILE);
  }

  private static long bytes(Weight weight, Layout layout, Optional<NamedKernels> library) {
    if (layout.equals(Layout.FILE)) {
      return weight.bytes();
    }
    return layout.equals(Layout.F32)
        ? weight.shape().elements() * Float.BYTES
        : library.orElseThrow().kernels().packer(layout).bytes(weight);
  }

  /** What a program of the plan would have the store pack, each copy once. */
  List<PackedWeight> packedWeights(Plan plan) {
    Map<WeightKey, PackedWeight> packed = new LinkedHashMap<>();
    for (int i = 0; i < plan.placement().size(); i++) {
      for (Optional<NamedKernels> library : named(plan.placement().get(i))) {
        for (Weight weight : weights(plan.graph().nodes().get(i), library)) {
          Layout layout = layout(weight, library);
          if (!layout.equals(Layout.FILE) && !layout.equals(Layout.F32)) {
            packed.putIfAbsent(
                WeightKey.of(weight, layout),
                new PackedWeight(weight, layout, library.orElseThrow().kernels().packer(layout)));
          }
        }
      }
    }
    return List.copyOf(packed.values());
  }

  private static long scratchBytes(Graph graph, Limits limits) {
    return ProgramMemory.arrange(graph, NodeGroups.of(graph), limits).bytes();
  }

  /**
   * Weights that one token reads: of experts only the chosen ones, of an embedding table one row.
   */
  private double bytesPerToken(Graph graph, List<String> placement) {
    double bytes = 0;
    for (int i = 0; i < placement.size(); i++) {
      Node node = graph.nodes().get(i);
      for (Weight weight : weights(node, named(placement.get(i)).getLast())) {
        bytes += weight.bytes() * shareRead(node, weight);
      }
    }
    return bytes;
  }

  private static double flopsPerToken(Graph graph) {
    double flops = 0;
    for (Node node : graph.nodes()) {
      for (Weight weight : Weights.of(node.op())) {
        if (weight.use() == Weight.Use.MATRIX || weight.use() == Weight.Use.EXPERTS) {
          flops += 2.0 * weight.shape().elements() * shareRead(node, weight);
        }
      }
    }
    return flops;
  }

  private static double shareRead(Node node, Weight weight) {
    return switch (node.op()) {
      case Op.Embed _ -> 1.0 / weight.shape().rows();
      case Op.Experts _ -> (double) node.in().get(1).width() / weight.shape().dim(0);
      default -> 1.0;
    };
  }

  private Numerics numerics(List<String> placement, Graph graph, Limits limits) {
    Set<NamedKernels> placed =
        placement.stream()
            .flatMap(name -> named(name).stream())
            .flatMap(Optional::stream)
            .collect(Collectors.toSet());
    List<Numerics> used =
        libraries.stream()
            .filter(placed::contains)
            .map(library -> library.kernels().numerics())
            .toList();
    return new Numerics(
        Stream.concat(used.stream().map(Numerics::id), cacheTypes(graph, limits))
            .collect(Collectors.joining("+")),
        used.stream().allMatch(Numerics::batchInvariant));
  }

  /** How caches round, where they do. */
  private static Stream<String> cacheTypes(Graph graph, Limits limits) {
    return graph.caches().stream()
        .flatMap(cache -> cache.planes().stream())
        .map(plane -> limits.planes().getOrDefault(plane.name(), plane.allowed().getFirst()))
        .filter(type -> !type.equals(DataType.F32))
        .map(type -> "kv-" + type.name().toLowerCase(Locale.ROOT))
        .distinct();
  }
}
