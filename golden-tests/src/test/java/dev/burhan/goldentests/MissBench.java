package dev.burhan.goldentests;

import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Layout;
import dev.burhan.backend.PackedWeight;
import dev.burhan.backend.Packer;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.LoadRequest;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.engine.KernelEngine;
import dev.burhan.kernel.packed.PackedCheckpoint;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.weights.CheckpointWeightStore;
import dev.burhan.kernel.weights.PackedWeights;
import dev.burhan.model.ModelGraph;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an expert costs that is not in memory, one thread, nothing read ahead. Not a test: run its
 * main method with a model of which {@code burhan convert --panels} was made. Read are the
 * checkpoint's bytes as they are, the same packed at the miss, and the packed file's; the three in
 * turn, so that the second finds in the system's cache what the first has read. Properties: {@code
 * warmup} and {@code misses} of each kind.
 */
final class MissBench {
  private static final int WARM_UP = Integer.getInteger("warmup", 40);
  private static final int MISSES = Integer.getInteger("misses", 120);

  private MissBench() {}

  /** One way of reading, and what it took. */
  private record Way(String name, ExpertSlots slots, List<long[]> times) {}

  public static void main(String[] args) throws Exception {
    Host host = new FlatHost();
    LoadRequest request =
        new LoadRequest(args[0], Optional.of("vector"), 1, 64, Map.of(LoadRequest.SEQUENCES, "1"));
    try (Checkpoint checkpoint = host.openCheckpoint(args[0], Progress.NONE);
        Checkpoint again = host.openCheckpoint(args[0], Progress.NONE)) {
      PackedWeights kept =
          PackedCheckpoint.of(again, EngineConfiguration.packedFolder(host).orElseThrow())
              .orElseThrow();
      ModelGraph graph = KernelEngine.architecture(host, checkpoint).graph(checkpoint);
      // room for one byte: nothing stays
      try (var opened = new BackendSelection(host).open(request.backend(), Map.of()).backend();
          CheckpointWeightStore plain =
              new CheckpointWeightStore(checkpoint, host.memory(), PackedWeights.NONE, 1);
          CheckpointWeightStore packed = new CheckpointWeightStore(again, host.memory(), kept, 1)) {
        PackedWeight experts =
            opened
                .packedWeights(opened.plan(graph.graph(), KernelEngine.limits(request, graph)))
                .stream()
                .filter(weight -> weight.weight().use() == Weight.Use.EXPERTS)
                .findFirst()
                .orElseThrow();
        measure(
            Math.toIntExact(experts.weight().shape().dim(0)),
            List.of(
                way("as the file has it", plain, experts.weight(), Layout.FILE, Optional.empty()),
                way("packed at the miss", plain, experts),
                way("packed ahead", packed, experts)));
        System.out.println(packed.expertCounts().orElseThrow());
      }
    }
  }

  private static Way way(String name, CheckpointWeightStore store, PackedWeight experts) {
    return way(name, store, experts.weight(), experts.layout(), Optional.of(experts.packer()));
  }

  private static Way way(
      String name,
      CheckpointWeightStore store,
      Weight weight,
      Layout layout,
      Optional<Packer> packer) {
    return new Way(name, store.slots(weight, layout, packer).orElseThrow(), new ArrayList<>());
  }

  private static void measure(int experts, List<Way> ways) {
    var cpu = ManagementFactory.getThreadMXBean();
    for (int miss = 0; miss < WARM_UP + MISSES; miss++) {
      int expert = miss % experts;
      for (Way way : ways) {
        long began = System.nanoTime();
        long worked = cpu.getCurrentThreadCpuTime();
        way.slots().acquire(expert);
        long[] time = {System.nanoTime() - began, cpu.getCurrentThreadCpuTime() - worked};
        way.slots().release(expert);
        if (miss >= WARM_UP) {
          way.times().add(time);
        }
      }
    }
    System.out.println("ms a miss, of them the processor's (medians), GB/s");
    for (Way way : ways) {
      double wall = median(way, 0);
      System.out.printf(
          "%-20s %6.2f %6.2f %6.2f  (%,d bytes)%n",
          way.name(),
          wall / 1e6,
          median(way, 1) / 1e6,
          way.slots().bytes() / wall,
          way.slots().bytes());
    }
  }

  private static double median(Way way, int which) {
    return way.times().stream()
        .mapToLong(time -> time[which])
        .sorted()
        .toArray()[way.times().size() / 2];
  }
}
