package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.Graph;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.security.CodeSource;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A loaded model keeps its graph after the bundle that wrote it has gone. One object of that
 * bundle's classes in it, or a lambda, would keep the whole class loader.
 */
class GraphOutlivesItsBundleTest {
  private final Host host = new FlatHost();
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "qwen2_tied/f32",
        "llama_rope3/bf16",
        "dsv3_tiny/bf16",
        "dsv3_noqlora/f32",
        "dsv3_fp8/fp8"
      })
  void nothingInAGraphIsOfItsBundlesClasses(String model) throws Exception {
    String folder = References.folder().resolve("models").resolve(model).toString();
    try (Checkpoint checkpoint = host.openCheckpoint(folder, Progress.NONE)) {
      String type = checkpoint.metadata().string("model_type");
      ModelArchitecture architecture =
          host.providers(ModelArchitecture.class).stream()
              .filter(one -> one.architectures().contains(type))
              .findFirst()
              .orElseThrow();
      assertNotEquals(jar(Graph.class), jar(architecture.getClass()));
      ModelGraph graph = architecture.graph(checkpoint);
      walk(graph, "model");
      // Kept pages of prompts are found by it in another process.
      assertEquals(graph.toString(), architecture.graph(checkpoint).toString());
      assertTrue(seen.size() > 100, seen.size() + " objects were looked at");
    }
  }

  private static CodeSource jar(Class<?> type) {
    return type.getProtectionDomain().getCodeSource();
  }

  private void walk(Object object, String path) throws IllegalAccessException {
    if (object == null || !seen.add(object)) {
      return;
    }
    switch (object) {
      case String _, Number _, Boolean _, float[] _, long[] _, int[] _ -> {}
      case Optional<?> optional -> walk(optional.orElse(null), path);
      case Collection<?> all -> {
        for (Object one : all) {
          walk(one, path + "[]");
        }
      }
      case Map<?, ?> map -> {
        walk(map.keySet(), path);
        walk(map.values(), path);
      }
      default -> fields(object, path);
    }
  }

  private void fields(Object object, String path) throws IllegalAccessException {
    Class<?> type = object.getClass();
    if (!jar(ModelGraph.class).equals(jar(type)) || type.isHidden()) {
      fail(path + " is a " + type.getName() + ", which is not of kernel-api");
    }
    if (object instanceof Enum<?>) {
      return;
    }
    for (Field field : type.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers())) {
        field.setAccessible(true);
        walk(field.get(object), path + "." + field.getName());
      }
    }
  }
}
