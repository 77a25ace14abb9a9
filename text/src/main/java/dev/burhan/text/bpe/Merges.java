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

  private final long[] pairs; // left id in the high half, right id in the low half
  private final long[] values; // rank in the high half, merged id in the low half

  private Merges(long[] pairs, long[] values) {
    this.pairs = pairs;
    this.values = values;
  }

  /** Rank (high half) and merged id (low half) of a pair, or {@link #NONE}. */
  long find(int left, int right) {
    long pair = pair(left, right);
    int mask = pairs.length - 1;
    for (int slot = Hashing.of(pair) & mask; pairs[slot] != FREE; slot = (slot + 1) & mask) {
      if (pairs[slot] == pair) {
        return values[slot];
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
    private final long[] pairs;
    private final long[] values;
    private int rank;

    /**
     * Starts empty.
     *
     * @param count how many merges will come, at most
     */
    public Builder(Vocabulary vocabulary, int count) {
      this.vocabulary = vocabulary;
      scratch = new byte[2 * vocabulary.longestToken()];
      pairs = new long[Hashing.tableSize(count)];
      values = new long[pairs.length];
      Arrays.fill(pairs, FREE);
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

    private String add(int leftId, int rightId) {
      int merged = vocabulary.idOfPair(leftId, rightId, scratch);
      if (merged < 0) {
        return "'"
            + vocabulary.piece(leftId)
            + vocabulary.piece(rightId)
            + "' is not in the vocabulary";
      }
      put(pair(leftId, rightId), ((long) rank++ << 32) | merged);
      return null;
    }

    private void put(long pair, long value) {
      int mask = pairs.length - 1;
      int slot = Hashing.of(pair) & mask;
      while (pairs[slot] != FREE) {
        if (pairs[slot] == pair) {
          return; // a merge listed twice keeps its better rank
        }
        slot = (slot + 1) & mask;
      }
      pairs[slot] = pair;
      values[slot] = value;
    }

    public Merges build() {
      return new Merges(pairs, values);
    }
  }
}
