package dev.burhan.kernel.plan;

/**
 * What a model in a quantisation, at a context, needs and does.
 *
 * @param footprint weights
 * @param heldShare bytes that the backend holds for each stored byte, if that is more
 * @param context tokens
 * @param cacheBytesPerToken of the KV cache
 * @param scratchBytes activations and scratch
 */
record Demand(
    Footprint footprint,
    double heldShare,
    int context,
    double cacheBytesPerToken,
    long scratchBytes) {
  /** For the JVM's heap, code and classes: a guess on the safe side. */
  static final long JVM = 512L << 20;

  /** Layers of chosen experts that must have room: one that is computed, one that is read. */
  private static final int LEAST_LAYERS = 2;

  /** How the weights are held. */
  enum Way {
    /** All of them in memory. */
    MEMORY,
    /** Routed experts are read from the disk, as many kept as there is room for. */
    DISK,
    /** Neither fits. */
    NONE
  }

  Demand withContext(int other) {
    return new Demand(footprint, heldShare, other, cacheBytesPerToken, scratchBytes);
  }

  double cacheBytes() {
    return cacheBytesPerToken * context;
  }

  private double beside() {
    return cacheBytes() + scratchBytes + JVM;
  }

  /** With all weights in memory. */
  double wholeBytes() {
    return footprint.bytes() * heldShare + beside();
  }

  /** The least with experts on the disk. */
  double leastBytes() {
    return footprint.commonBytes() * heldShare
        + beside()
        + leastExperts() * footprint.bytesAnExpert();
  }

  private long leastExperts() {
    return Math.min(footprint.experts(), (long) LEAST_LAYERS * footprint.chosen());
  }

  Way way(Machine machine) {
    if (wholeBytes() <= machine.memory()) {
      return Way.MEMORY;
    }
    return footprint.experts() > 0 && leastBytes() <= machine.memory() ? Way.DISK : Way.NONE;
  }

  /** Experts that stay in memory. */
  long residentExperts(Machine machine) {
    if (footprint.experts() == 0 || way(machine) == Way.MEMORY) {
      return footprint.experts();
    }
    double room = machine.memory() - (leastBytes() - leastExperts() * footprint.bytesAnExpert());
    return Math.clamp((long) (room / footprint.bytesAnExpert()), 0, footprint.experts());
  }

  /**
   * Of the experts that a token uses, the share that is read from the disk if all are used alike.
   */
  double missShare(Machine machine) {
    return footprint.experts() == 0
        ? 0
        : 1 - (double) residentExperts(machine) / footprint.experts();
  }

  /**
   * No more tokens a second than this can be generated for one sequence: what a token reads, over
   * how fast it can be read.
   *
   * @param tokens in the cache
   */
  double bound(Machine machine, int tokens) {
    double fromDisk = footprint.expertRead() * missShare(machine);
    double read = footprint.read() + cacheBytesPerToken * tokens;
    return 1 / (read / machine.bandwidth() + fromDisk / machine.disk());
  }
}
