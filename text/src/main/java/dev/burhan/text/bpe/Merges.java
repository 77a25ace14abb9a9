package dev.burhan.text.bpe;

import java.util.Arrays;

/**
 * Which pairs of tokens merge, in which order of preference, and into what. Immutable and
 * thread-safe once built.
 */
public final class Merges {
  /** What {@link #find} answers for a pair that does not merge: sorts after every rank. */
  static final long NONE = Long.MAX_VALUE;

  private static final long FREE = -1;

  /**
   * Open addressing, two neighbours an entry, so that one look touches one cache line: the pair
   * (left id in the high half, right id in the low half), then rank (high half) and merged id (low
   * half).
   */
  private final long[] table;

  private Merges(long[] table) {
    this.table = table;
  }

  /** Rank (high half) and merged id (low half) of a pair, or {@link #NONE}. */
  long find(int left, int right) {
    long pair = pair(left, right);
    int mask = table.length - 2;
    for (int slot = 2 * Hashing.of(pair) & mask; table[slot] != FREE; slot = (slot + 2) & mask) {
      if (table[slot] == pair) {
        return table[slot + 1];
      }
    }
    return NONE;
  }

  static long pair(int left, int right) {
    return ((long) left << 32) | right;
  }

  /** Collects merges in their order of rank. */
  public static final class Builder {
    private final Vocabulary vocabulary;
    private final byte[] scratch;
    private final long[] table;
    private int rank;
    private int lastMerged = -1;

    /**
     * Starts empty.
     *
     * @param count how many merges will come, at most
     */
    public Builder(Vocabulary vocabulary, int count) {
      this.vocabulary = vocabulary;
      scratch =
          new byte
              [2
                  * Math.max(
                      1, vocabulary.longestToken())]; // room for a pair, or for one token's UTF-8
      table = new long[2 * Hashing.tableSize(count)];
      Arrays.fill(table, FREE);
    }

    /** What is wrong with a merge, for an error message; null if nothing is. */
    public String add(String left, String right) {
      int leftId = vocabulary.id(left);
      int rightId = vocabulary.id(right);
      if (leftId < 0 || rightId < 0) {
        return "'" + (leftId < 0 ? left : right) + "' is not in the vocabulary";
      }
      return add(leftId, rightId);
    }

    /** The same for a merge written as both sides with one space between. */
    public String add(String merge) {
      int space = merge.indexOf(' ', 1);
      if (space < 0 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
        return "expected two tokens with one space between, found '" + merge + "'";
      }
      int leftId = id(merge, 0, space);
      int rightId = id(merge, space + 1, merge.length());
      if (leftId < 0 || rightId < 0) {
        return add(merge.substring(0, space), merge.substring(space + 1));
      }
      return add(leftId, rightId);
    }

    private int id(String merge, int from, int to) {
      if (to - from > scratch.length) {
        return -1;
      }
      for (int i = from; i < to; i++) {
        int b = ByteLevelAlphabet.toByte(merge.charAt(i));
        if (b < 0) {
          return -1;
        }
        scratch[i - from] = (byte) b;
      }
      return vocabulary.idOfBytes(scratch, 0, to - from);
    }

    /**
     * The same from the UTF-8 bytes of both spellings within a JSON document.
     *
     * @return false, with nothing added, for what {@link #add(String, String)} has to see: an
     *     escape, or something wrong
     */
    public boolean add(byte[] json, int left, int leftEnd, int right, int rightEnd) {
      int leftId = id(json, left, leftEnd);
      int rightId = leftId < 0 ? -1 : id(json, right, rightEnd);
      return rightId >= 0 && add(leftId, rightId) == null;
    }

    private int id(byte[] json, int from, int to) {
      int count = to - from > scratch.length ? -1 : Vocabulary.spell(json, from, to, scratch, 0);
      return count < 0 ? -1 : vocabulary.idOfBytes(scratch, 0, count);
    }

    private String add(int leftId, int rightId) {
      // vocabularies are mostly in the order of their merges: the next id is worth a try
      int merged = lastMerged + 1;
      if (!vocabulary.isPair(merged, leftId, rightId)) {
        merged = vocabulary.idOfPair(leftId, rightId, scratch);
      }
      if (merged < 0) {
        return "'"
            + vocabulary.piece(leftId)
            + vocabulary.piece(rightId)
            + "' is not in the vocabulary";
      }
      lastMerged = merged;
      put(pair(leftId, rightId), ((long) rank++ << 32) | merged);
      return null;
    }

    private void put(long pair, long value) {
      int mask = table.length - 2;
      int slot = 2 * Hashing.of(pair) & mask;
      while (table[slot] != FREE) {
        if (table[slot] == pair) {
          return; // a merge listed twice keeps its better rank
        }
        slot = (slot + 2) & mask;
      }
      table[slot] = pair;
      table[slot + 1] = value;
    }

    public Merges build() {
      return new Merges(table);
    }
  }
}
