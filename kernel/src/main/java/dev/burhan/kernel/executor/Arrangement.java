package dev.burhan.kernel.executor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places blocks that live for a while in as little memory as a greedy first fit finds: the largest
 * first, each at the lowest offset where no block that lives at the same time lies.
 */
final class Arrangement {
  private static final long ALIGNMENT = 64;

  private record Block(int key, long bytes, int born, int dies) {}

  private record Placed(Block block, long offset) {
    long end() {
      return offset + block.bytes();
    }
  }

  private final List<Block> blocks = new ArrayList<>();

  /** A block that is written in step {@code born} and read last in step {@code dies}. */
  void add(int key, long bytes, int born, int dies) {
    blocks.add(new Block(key, Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT, born, dies));
  }

  /** Offsets by key, and the bytes needed in all. */
  record Result(java.util.Map<Integer, Long> offsets, long bytes) {}

  Result place() {
    List<Placed> placed = new ArrayList<>();
    List<Block> order = new ArrayList<>(blocks);
    order.sort(
        Comparator.comparingLong((Block block) -> -block.bytes()).thenComparingInt(Block::key));
    for (Block block : order) {
      long offset = 0;
      List<Placed> inTheWay =
          placed.stream()
              .filter(
                  other ->
                      other.block().born() <= block.dies() && block.born() <= other.block().dies())
              .sorted(Comparator.comparingLong(Placed::offset))
              .toList();
      for (Placed other : inTheWay) {
        if (offset + block.bytes() <= other.offset()) {
          break;
        }
        offset = Math.max(offset, other.end());
      }
      placed.add(new Placed(block, offset));
    }
    java.util.Map<Integer, Long> offsets = new java.util.HashMap<>();
    long bytes = 0;
    for (Placed block : placed) {
      offsets.put(block.block().key(), block.offset());
      bytes = Math.max(bytes, block.end());
    }
    return new Result(offsets, bytes);
  }
}
