package dev.burhan.kernel.weights;

import dev.burhan.backend.ExpertSlots;
import dev.burhan.backend.Layout;
import dev.burhan.backend.Packer;
import dev.burhan.graph.Weight;
import dev.burhan.provider.HostMemory;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The experts of a checkpoint of which only some are in memory. Thread-safe. */
final class DiskExperts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskExperts.class);

  private final ExpertCache cache;
  private final PackedWeights packed;
  private final PackerProbes probes;
  private final LongAdder keptBytes = new LongAdder();
  private final Map<WeightKey, CachedExperts> weights = new HashMap<>(); // guarded by this

  /**
   * Experts.
   *
   * @param bytes memory that they may take
   * @param packed asked for stacks that are kept packed
   */
  DiskExperts(long bytes, HostMemory memory, PackedWeights packed, PackerProbes probes) {
    this.cache = new ExpertCache(bytes, memory);
    this.packed = packed;
    this.probes = probes;
  }

  /**
   * The experts of a weight in a layout: the same ones whoever asks.
   *
   * @param expressions its numbers
   */
  synchronized ExpertSlots slots(
      Weight weight,
      Layout layout,
      Optional<Packer> packer,
      Function<Weight, Expression> expressions) {
    WeightKey key = WeightKey.of(weight, layout);
    CachedExperts known = weights.get(key);
    if (known == null) {
      known =
          new CachedExperts(
              cache,
              weights.size(),
              weight,
              expressions.apply(weight),
              layout,
              packer,
              (made, bytes) -> packed.open(key, probes.of(weight, layout, made), bytes),
              keptBytes);
      weights.put(key, known);
    }
    return known;
  }

  ExpertCounts counts() {
    return cache.counts().withPackedBytes(keptBytes.sum());
  }

  @Override
  public void close() {
    LOG.info("experts: {}", counts());
    cache.close(); // waits for what is being read
    synchronized (this) {
      weights.values().forEach(CachedExperts::close);
      weights.clear();
    }
  }
}
