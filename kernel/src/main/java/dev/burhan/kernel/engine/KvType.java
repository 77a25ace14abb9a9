package dev.burhan.kernel.engine;

import dev.burhan.engine.LoadRequest;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Plane;
import dev.burhan.kernel.kv.KvNumbers;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.DataType;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The option {@link LoadRequest#KV_TYPE}: of the engine, and of no backend. */
final class KvType {
  private KvType() {}

  /** Storage types by the plane's name; none where nobody asked. */
  static Map<String, DataType> planes(Map<String, String> options, Graph graph) {
    String name = options.get(LoadRequest.KV_TYPE);
    Map<String, DataType> planes = new HashMap<>();
    if (name != null) {
      DataType type = named(name);
      for (CacheSpec cache : graph.caches()) {
        for (Plane plane : cache.planes()) {
          planes.put(plane.name(), type);
        }
      }
    }
    return planes;
  }

  private static DataType named(String name) {
    for (KvNumbers numbers : KvNumbers.values()) {
      if (numbers.name().toLowerCase(Locale.ROOT).equals(name)) {
        return numbers.type();
      }
    }
    throw new UsageException(
        LoadRequest.KV_TYPE + " should be f32, f16, bf16 or q8, found '" + name + "'");
  }
}
