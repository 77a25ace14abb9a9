package dev.burhan.kernel.weights;

import dev.burhan.backend.Resident;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Supplier;

/** Packed weights of one checkpoint, kept from one start to the next. Thread-safe. */
public interface PackedWeights extends AutoCloseable {

  /**
   * A weight that was kept.
   *
   * @param segment read-only, aligned to 4,096 bytes
   * @param release gives it back; called once, when nobody reads the segment any more
   */
  record Found(MemorySegment segment, Runnable release) {}

  /** A weight that was kept, read by position. Thread-safe. */
  interface Kept extends AutoCloseable {
    long bytes();

    /**
     * Reads packed bytes from {@code from} on, checked.
     *
     * @throws dev.burhan.provider.BurhanException if the file does not give them (any more); names
     *     file and offset
     */
    void read(long from, MemorySegment to);

    @Override
    void close();
  }

  /**
   * A weight's packed bytes where they lie, of which those are checked that are read.
   *
   * @param packer what its packer does: {@link PackerProbe}
   * @param bytes how many there must be
   */
  default Optional<Kept> open(WeightKey key, Supplier<String> packer, long bytes) {
    return Optional.empty();
  }

  /**
   * A weight's packed bytes in memory, checked.
   *
   * @param packer what its packer does: {@link PackerProbe}
   * @param bytes how many there must be
   */
  Optional<Found> find(WeightKey key, Supplier<String> packer, long bytes);

  /**
   * Told of a weight that was packed just now: may keep it, later and elsewhere.
   *
   * @param hold a hold of it, as long as somebody else has one too; the caller of it closes it
   */
  void keep(WeightKey key, Supplier<String> packer, long bytes, Supplier<Optional<Resident>> hold);

  /** Ends what is being kept at this moment; no hold is left when it returns. Idempotent. */
  @Override
  void close();

  /** Keeps nothing. */
  PackedWeights NONE =
      new PackedWeights() {
        @Override
        public Optional<Found> find(WeightKey key, Supplier<String> packer, long bytes) {
          return Optional.empty();
        }

        @Override
        public void keep(
            WeightKey key, Supplier<String> packer, long bytes, Supplier<Optional<Resident>> hold) {
          // nowhere to keep it
        }

        @Override
        public void close() {
          // nothing is open
        }
      };
}
