package dev.burhan.text.bpe;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * Encodes one word at a time: starts from its bytes and applies, again and again, the merge of the
 * lowest rank, leftmost first. Holds the scratch memory of one call of {@code encode}; not
 * thread-safe.
 */
final class WordEncoder {
  /** Up to here a plain scan for the best pair beats a heap. */
  private static final int SHORT = 48;

  private final Vocabulary vocabulary;
  private final Merges merges;
  private final int[] byteIds;
  private final boolean wholeWordsFirst;
  private final WordCache cache;

  private byte[] bytes = new byte[256];
  private final int[] ids = new int[SHORT];
  private final long[] best = new long[SHORT]; // of the pair (i, i + 1)

  /**
   * Prepares an encoder.
   *
   * @param byteIds the id of each byte's token, -1 where the vocabulary has none
   * @param wholeWordsFirst whether a word that is a token is taken as it is ({@code ignore_merges})
   */
  WordEncoder(
      Vocabulary vocabulary,
      Merges merges,
      int[] byteIds,
      boolean wholeWordsFirst,
      WordCache cache) {
    this.vocabulary = vocabulary;
    this.merges = merges;
    this.byteIds = byteIds;
    this.wholeWordsFirst = wholeWordsFirst;
    this.cache = cache;
  }

  /** Appends the ids of the word {@code text[from, to)}. */
  void encode(String text, int from, int to, Ids out) {
    int count = utf8(text, from, to);
    int hash = 0;
    boolean cached = count > 1 && count <= WordCache.LONGEST_WORD;
    if (cached) {
      hash = Hashing.of(bytes, 0, count);
      int[] known = cache.get(bytes, count, hash);
      if (known != null) {
        out.addAll(known, known.length);
        return;
      }
    }
    int before = out.size();
    encodeBytes(count, out);
    if (cached) {
      cache.put(Arrays.copyOf(bytes, count), hash, out.toArray(before));
    }
  }

  private void encodeBytes(int count, Ids out) {
    if (wholeWordsFirst) {
      int whole = vocabulary.idOfBytes(bytes, 0, count);
      if (whole >= 0) {
        out.add(whole);
        return;
      }
    }
    if (count <= SHORT) {
      mergeShort(count, out);
    } else {
      mergeLong(count, out);
    }
  }

  private void mergeShort(int count, Ids out) {
    int n = 0;
    for (int i = 0; i < count; i++) {
      int id = byteIds[bytes[i] & 0xFF];
      if (id >= 0) { // as in the reference, a byte without a token is left out
        ids[n++] = id;
      }
    }
    for (int i = 0; i + 1 < n; i++) {
      best[i] = merges.find(ids[i], ids[i + 1]);
    }
    while (n > 1) {
      int at = 0;
      for (int i = 1; i + 1 < n; i++) {
        if (best[i] < best[at]) {
          at = i;
        }
      }
      if (best[at] == Merges.NONE) {
        break;
      }
      ids[at] = (int) best[at];
      System.arraycopy(ids, at + 2, ids, at + 1, n - at - 2);
      if (n - at > 2) {
        System.arraycopy(best, at + 2, best, at + 1, Math.max(0, n - at - 3));
      }
      n--;
      if (at + 1 < n) {
        best[at] = merges.find(ids[at], ids[at + 1]);
      }
      if (at > 0) {
        best[at - 1] = merges.find(ids[at - 1], ids[at]);
      }
    }
    out.addAll(ids, n);
  }

  /**
   * A candidate: the pair that began at symbol {@code left} when it was queued, and what it would
   * become.
   */
  private record Candidate(int rank, int left, int merged) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byRank = Integer.compare(rank, other.rank);
      return byRank != 0 ? byRank : Integer.compare(left, other.left);
    }
  }

  /** Linked symbols and a heap of candidate pairs: n log n for a megabyte without a space. */
  private void mergeLong(int count, Ids out) {
    int[] symbol = new int[count]; // -1: merged into the one before
    int[] next = new int[count];
    int[] previous = new int[count];
    int n = 0;
    for (int i = 0; i < count; i++) {
      int id = byteIds[bytes[i] & 0xFF];
      if (id >= 0) {
        symbol[n] = id;
        previous[n] = n - 1;
        next[n] = n + 1;
        n++;
      }
    }
    var queue = new PriorityQueue<Candidate>();
    for (int i = 0; i + 1 < n; i++) {
      offer(queue, i, symbol[i], symbol[i + 1]);
    }
    while (!queue.isEmpty()) {
      Candidate top = queue.poll();
      int left = top.left;
      int right = symbol[left] < 0 ? n : next[left];
      if (right >= n) {
        continue;
      }
      long now = merges.find(symbol[left], symbol[right]);
      if (now == Merges.NONE || (int) now != top.merged) {
        continue; // one of the two has been merged otherwise since
      }
      symbol[left] = top.merged;
      symbol[right] = -1;
      next[left] = next[right];
      if (next[left] < n) {
        previous[next[left]] = left;
        offer(queue, left, symbol[left], symbol[next[left]]);
      }
      if (previous[left] >= 0) {
        offer(queue, previous[left], symbol[previous[left]], symbol[left]);
      }
    }
    for (int i = 0; i < n; i = next[i]) {
      out.add(symbol[i]);
    }
  }

  private void offer(PriorityQueue<Candidate> queue, int at, int left, int right) {
    long found = merges.find(left, right);
    if (found != Merges.NONE) {
      queue.add(new Candidate((int) (found >>> 32), at, (int) found));
    }
  }

  /** Fills {@link #bytes}; half a surrogate pair becomes U+FFFD. */
  private int utf8(String text, int from, int to) {
    if (bytes.length < 3 * (to - from)) {
      bytes = new byte[3 * (to - from)];
    }
    int n = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes[n++] = (byte) c;
      } else if (c < 0x800) {
        bytes[n++] = (byte) (0xC0 | c >> 6);
        bytes[n++] = (byte) (0x80 | c & 0x3F);
      } else if (Character.isHighSurrogate(c)
          && i + 1 < to
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        int point = Character.toCodePoint(c, text.charAt(++i));
        bytes[n++] = (byte) (0xF0 | point >> 18);
        bytes[n++] = (byte) (0x80 | point >> 12 & 0x3F);
        bytes[n++] = (byte) (0x80 | point >> 6 & 0x3F);
        bytes[n++] = (byte) (0x80 | point & 0x3F);
      } else {
        char kept = Character.isSurrogate(c) ? '\uFFFD' : c;
        bytes[n++] = (byte) (0xE0 | kept >> 12);
        bytes[n++] = (byte) (0x80 | kept >> 6 & 0x3F);
        bytes[n++] = (byte) (0x80 | kept & 0x3F);
      }
    }
    return n;
  }
}
