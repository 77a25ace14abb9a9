package dev.burhan.kernel.bench;

import dev.burhan.engine.LoadRequest;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.engine.ProductSpeeds;
import dev.burhan.kernel.engine.ProductSpeeds.Speed;
import dev.burhan.provider.Host;
import dev.burhan.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The products of a backend beside its own of F32, in cache. A kernel that the JIT does not compile
 * to vector instructions, because it grew too large or was called in too many ways, is 10 to 30
 * times slower and gives no other sign of it.
 *
 * @param speeds F32 first; empty if nothing was measured
 */
record KernelCheck(List<Speed> speeds) {
  /** Of the F32 kernel's speed: the slowest formats to unpack stay well above. */
  static final double LEAST = 0.15;

  KernelCheck {
    speeds = List.copyOf(speeds);
  }

  /** Which weight types are looked at. */
  enum Which {
    MODEL,
    ALL,
    OFF
  }

  /** Measures in the process as it is now: after a model ran, with what the JIT learnt from it. */
  static KernelCheck measure(Which which, LoadRequest request, Graph graph, Host host) {
    List<DataType> types =
        switch (which) {
          case OFF -> List.of();
          case ALL -> DataType.standard();
          case MODEL -> typesOf(graph);
        };
    List<Speed> speeds = new ArrayList<>();
    if (!types.isEmpty()) {
      try (var backend =
          new BackendSelection(host).open(request.backend(), request.options()).backend()) {
        ProductSpeeds products = new ProductSpeeds(backend, host.memory());
        products.measure(DataType.F32).ifPresent(speeds::add);
        if (!speeds.isEmpty()) {
          types.stream()
              .filter(type -> !type.equals(DataType.F32))
              .map(products::measure)
              .flatMap(Optional::stream)
              .forEach(speeds::add);
        }
      }
    }
    return new KernelCheck(speeds);
  }

  private static List<DataType> typesOf(Graph graph) {
    return graph.nodes().stream()
        .flatMap(node -> Weights.of(node.op()).stream())
        .filter(weight -> weight.use() == Weight.Use.MATRIX || weight.use() == Weight.Use.EXPERTS)
        .map(Weight::type)
        .distinct()
        .toList();
  }

  double generatedRatio(Speed speed) {
    return speed.generated() / speeds.getFirst().generated();
  }

  double promptRatio(Speed speed) {
    return speed.prompt() / speeds.getFirst().prompt();
  }

  boolean suspicious(Speed speed) {
    return generatedRatio(speed) < LEAST || promptRatio(speed) < LEAST;
  }
}
