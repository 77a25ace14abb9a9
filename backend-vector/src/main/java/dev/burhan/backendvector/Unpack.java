package dev.burhan.backendvector;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * How the blocks of one quantised type become numbers: signed bytes in their natural order, and for
 * each group of them a scale and perhaps a minimum, {@code w = scale * q + min}. All that differs
 * between the types is in here; every product is shared.
 *
 * <p>Written on 128-bit vectors, which every machine has. The caller guarantees the lengths.
 */
interface Unpack {

  /** Groups of 16 have at most 6 bits a number, so that two products fit 16 bits with room. */
  int group();

  boolean hasMins();

  /**
   * Unpacks consecutive blocks into row {@code slot} of the work's quants, scales and mins.
   *
   * @param w the weight
   * @param at where its first block begins
   */
  void unpack(MemorySegment w, long at, int blocks, Work work, int slot);

  /** The way of a type; empty if it is not quantised or not known here. */
  static Optional<Unpack> of(DataType type) {
    return TYPES.stream().filter(entry -> entry.type.equals(type)).map(Entry::unpack).findFirst();
  }

  /** A quantised type and its way. */
  record Entry(DataType type, Unpack unpack) {}

  List<Entry> TYPES =
      List.of(
          new Entry(DataType.Q4_0, new UnpackBlocks.Q4Zero()),
          new Entry(DataType.Q4_1, new UnpackBlocks.Q4One()),
          new Entry(DataType.Q5_0, new UnpackBlocks.Q5Zero()),
          new Entry(DataType.Q5_1, new UnpackBlocks.Q5One()),
          new Entry(DataType.Q8_0, new UnpackBlocks.Q8Zero()),
          new Entry(DataType.Q2_K, new UnpackSuperBlocks.Q2K()),
          new Entry(DataType.Q3_K, new UnpackSuperBlocks.Q3K()),
          new Entry(DataType.Q4_K, new UnpackSuperBlocks.Q4K()),
          new Entry(DataType.Q5_K, new UnpackSuperBlocks.Q5K()),
          new Entry(DataType.Q6_K, new UnpackSuperBlocks.Q6K()));
}
