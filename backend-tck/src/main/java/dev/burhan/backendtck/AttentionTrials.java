package dev.burhan.backendtck;

import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.GraphBuilder;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Attention over cached tokens, in both kinds, for each type that a cache may have. */
final class AttentionTrials {
  private static final double ROUNDING = 1e-5;
  private static final double EIGHT_BITS = 0.03;
  static final List<DataType> CACHES =
      List.of(DataType.F32, DataType.F16, DataType.BF16, DataType.Q8_0);

  private AttentionTrials() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    for (DataType cache : CACHES) {
      cases.add(
          new OpCase(
              "Attention",
              "cache " + cache,
              Op.Attention.class,
              false,
              ROUNDING,
              ROUNDING,
              grouped(cache)));
    }
    for (DataType cache : CACHES) {
      cases.add(
          new OpCase(
              "LatentAttention",
              "F32, cache " + cache,
              Op.LatentAttention.class,
              false,
              ROUNDING,
              ROUNDING,
              List.of(
                  latent(
                      new Latent(3, 40, cache.isBlocked() ? 32 : 10, 24, 64, 0),
                      DataType.F32,
                      cache),
                  latent(new Latent(1, 7, 32, 5, 32, 9), DataType.F32, cache))));
    }
    for (DataType type : RandomTensors.types()) {
      if (!type.equals(DataType.F32)) {
        int rank = RandomTensors.width(type, 96);
        cases.add(
            new OpCase(
                "LatentAttention",
                type + ", cache F32",
                Op.LatentAttention.class,
                type.isBlocked(),
                ROUNDING,
                EIGHT_BITS,
                List.of(latent(new Latent(2, 24, 16, 17, rank, 0), type, DataType.F32))));
      }
    }
    return cases;
  }

  private static List<Story> some() {
    return Company.stories(4, 45, new Random(11));
  }

  private static List<Trial> grouped(DataType cache) {
    boolean blocked = cache.isBlocked();
    return List.of(
        grouped(new Heads(1, 1, blocked ? 32 : 1, 0), cache, 4),
        grouped(new Heads(14, 2, 64, 0), cache, 16),
        grouped(new Heads(6, 3, blocked ? 32 : 20, 0), cache, 5),
        grouped(new Heads(4, 2, blocked ? 96 : 77, 11), cache, 16),
        grouped(new Heads(3, 1, blocked ? 64 : 31, 0), cache, 32)
            .with(List.of(new Story(0, 290, 301))),
        grouped(new Heads(4, 4, 32, 150), cache, 64)
            .with(List.of(new Story(0, 3, 7), new Story(1, 260, 270))));
  }

  private record Heads(int heads, int kvHeads, int dim, int window) {}

  static Trial grouped(int heads, int kvHeads, int dim, DataType cache) {
    return grouped(new Heads(heads, kvHeads, dim, 0), cache, 5);
  }

  private static Trial grouped(Heads shape, DataType type, int page) {
    int numbers = shape.kvHeads() * shape.dim();
    Trial.Build build =
        (graph, _) -> {
          graph.layer(0);
          CacheSpec cache =
              graph.cache(
                  shape.window(),
                  new Plane("key", numbers, CACHES),
                  new Plane("value", numbers, CACHES));
          graph.output(
              "y",
              graph.attention(
                  "y",
                  graph.input("q", shape.heads() * shape.dim()),
                  graph.input("k", numbers),
                  graph.input("v", numbers),
                  new Op.Attention(
                      cache,
                      shape.heads(),
                      shape.kvHeads(),
                      shape.dim(),
                      (float) (1 / Math.sqrt(shape.dim())))));
        };
    return new Trial(
        shape + ", pages of " + page,
        build,
        Map.of("key", type, "value", type),
        some(),
        page,
        Trial::normal,
        new Trial.Scale.Largest());
  }

  private record Latent(int heads, int nope, int rope, int valueDim, int rank, int window) {}

  static Trial latent(DataType type) {
    return latent(new Latent(3, 40, 16, 24, RandomTensors.width(type, 64), 0), type, DataType.F32);
  }

  private static Trial latent(Latent shape, DataType type, DataType cache) {
    return new Trial(
        shape.toString(),
        (graph, checkpoint) -> latent(graph, checkpoint, shape, type),
        Map.of("latent", cache, "rope", cache),
        some(),
        5,
        Trial::normal,
        new Trial.Scale.Largest());
  }

  private static void latent(
      GraphBuilder graph, MemoryCheckpoint checkpoint, Latent shape, DataType type) {
    graph.layer(0);
    CacheSpec cache =
        graph.cache(
            shape.window(),
            new Plane("latent", shape.rank(), CACHES),
            new Plane("rope", shape.rope(), CACHES));
    Weight key =
        RandomTensors.add(
            checkpoint,
            "keyUp",
            type,
            Weight.Use.MATRIX,
            shape.heads(),
            shape.nope(),
            shape.rank());
    Weight value =
        RandomTensors.add(
            checkpoint,
            "valueUp",
            type,
            Weight.Use.MATRIX,
            shape.heads(),
            shape.valueDim(),
            shape.rank());
    graph.output(
        "y",
        graph.latentAttention(
            "y",
            graph.input("q", shape.heads() * (shape.nope() + shape.rope())),
            graph.input("latent", shape.rank()),
            graph.input("rope", shape.rope()),
            new Op.LatentAttention(
                cache,
                shape.heads(),
                shape.nope(),
                shape.rope(),
                shape.valueDim(),
                key,
                value,
                0.13f)));
  }
}
