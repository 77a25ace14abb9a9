package dev.burhan.text.bpe;

import java.util.Arrays;

/**
 * Words that were encoded lately. Bounded: a word displaces the one in its slot. Threads read and
 * write the slots without locks: an entry is immutable, so that a racing reader sees a whole entry
 * or none.
 */
final class WordCache {
  static final int LONGEST_WORD = 48;
  private static final int SLOTS = 1 << 14;

  private record Entry(byte[] word, int hash, int[] ids) {}

  private final Entry[] slots = new Entry[SLOTS];

  /** The word's ids, not to be written to; null if it is not here. */
  int[] get(byte[] bytes, int count, int hash) {
    Entry entry = slots[hash & (SLOTS - 1)];
    return entry != null
            && entry.hash == hash
            && Arrays.equals(entry.word, 0, entry.word.length, bytes, 0, count)
        ? entry.ids
        : null;
  }

  void put(byte[] word, int hash, int[] ids) {
    slots[hash & (SLOTS - 1)] = new Entry(word, hash, ids);
  }
}
