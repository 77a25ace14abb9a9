package dev.burhan.text.bpe;

/** Hash functions and table sizes of the open-addressing tables. */
final class Hashing {
  private Hashing() {}

  static int of(byte[] bytes, int from, int count) {
    int hash = count;
    for (int i = from; i < from + count; i++) {
      hash = 31 * hash + bytes[i];
    }
    return spread(hash);
  }

  static int of(long pair) {
    return spread((int) (pair >>> 32) * 31 + (int) pair);
  }

  private static int spread(int hash) {
    int mixed = hash * 0x9E3779B9; // golden ratio: neighbouring ids land far apart
    return mixed ^ (mixed >>> 15);
  }

  /** A power of two that leaves at least a third of the slots free. */
  static int tableSize(int entries) {
    return Integer.highestOneBit(Math.max(8, entries + entries / 2)) << 1;
  }
}
