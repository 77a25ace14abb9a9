package dev.burhan.kernel.weights;

import dev.burhan.backend.PackedWeight;
import dev.burhan.backend.Packer;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.graph.Weight;
import dev.burhan.provider.HostMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A weight's packed bytes one piece after another: of a stack of experts one expert at a time, so
 * that a model that is larger than memory can be packed; else the whole weight. Rows are read from
 * the checkpoint by position.
 */
public final class PackedStream {
  private final PackedWeight packed;
  private final Expression expression;
  private final WeightKey key;
  private final long bytes;

  /** Takes each piece, in order. */
  @FunctionalInterface
  public interface Sink {
    /** Returns false if nothing more is wanted. */
    boolean take(MemorySegment piece) throws IOException;
  }

  /**
   * Reads no number yet.
   *
   * @throws dev.burhan.provider.BurhanException if the checkpoint does not have the weight
   */
  public PackedStream(PackedWeight packed, Checkpoint checkpoint) {
    this.packed = packed;
    this.expression = Expression.of(packed.weight(), checkpoint);
    this.key = WeightKey.of(packed.weight(), packed.layout());
    this.bytes = packed.packer().bytes(packed.weight());
  }

  public WeightKey key() {
    return key;
  }

  /** What the packer does. */
  public String probe() {
    return PackerProbe.of(packed.weight(), packed.packer());
  }

  /** Bytes of all pieces. */
  public long bytes() {
    return bytes;
  }

  /** Packs everything, with memory for one piece; false if the sink wanted no more. */
  public boolean pack(HostMemory memory, Sink sink) throws IOException {
    Weight weight = packed.weight();
    Packer packer = packed.packer();
    if (weight.use() == Weight.Use.EXPERTS && weight.shape().rank() > 2) {
      SingleExpert experts = new SingleExpert(weight, expression);
      long each = packer.bytes(experts.weight());
      long count = weight.shape().dim(0);
      if (each * count == bytes) {
        return pack(experts, count, memory.map(each), memory, sink);
      }
    }
    MemorySegment whole = memory.map(bytes);
    try {
      Parts.pack(weight, expression, packer, whole);
      return sink.take(whole);
    } finally {
      memory.unmap(whole);
    }
  }

  private boolean pack(
      SingleExpert experts, long count, MemorySegment one, HostMemory memory, Sink sink)
      throws IOException {
    try {
      for (int expert = 0; expert < count; expert++) {
        Parts.pack(experts.weight(), experts.rows(expert), packed.packer(), one);
        if (!sink.take(one)) {
          return false;
        }
      }
      return true;
    } finally {
      memory.unmap(one);
    }
  }
}
