package dev.burhan.kernel.weights;

import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** What packers do, found out once for each layout, type and use. Thread-safe. */
final class PackerProbes {
  private final Map<Packing, String> known = new ConcurrentHashMap<>();

  /** What is packed in one way. */
  private record Packing(Layout layout, DataType type, Weight.Use use) {}

  /** What {@link PackerProbe} says of it, when it is asked for. */
  Supplier<String> of(Weight weight, Layout layout, Packer packer) {
    return () ->
        known.computeIfAbsent(
            new Packing(layout, weight.type(), weight.use()), _ -> PackerProbe.of(weight, packer));
  }
}
