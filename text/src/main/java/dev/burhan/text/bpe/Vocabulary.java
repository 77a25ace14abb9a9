package dev.burhan.text.bpe;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tokens by id and ids by token. All tokens' bytes lie in one array and the hash table holds plain
 * ints, because 150,000 strings with boxed ids take longer to build than the rest of a start.
 * Immutable and thread-safe once built.
 */
public final class Vocabulary {
  private static final byte ABSENT = 0;
  private static final byte BYTE_LEVEL = 1;
  private static final byte LITERAL = 2;

  private final byte[] pool;
  private final int[] start; // by id: first byte in the pool
  private final int[] length; // by id
  private final byte[] spelling; // by id: ABSENT, BYTE_LEVEL or LITERAL
  private final long[]
      slots; // open addressing: hash in the high half, id + 1 in the low half; 0 is free

  private Vocabulary(Builder from) {
    int size = from.size;
    pool = from.pool;
    start = Arrays.copyOf(from.start, size);
    length = Arrays.copyOf(from.length, size);
    spelling = Arrays.copyOf(from.spelling, size);
    slots = new long[Hashing.tableSize(from.count)];
    for (int id = 0; id < size; id++) {
      if (spelling[id] != ABSENT) {
        insert(id);
      }
    }
  }

  private void insert(int id) {
    int mask = slots.length - 1;
    int hash = hash(pool, start[id], length[id], spelling[id]);
    int slot = hash & mask;
    while (slots[slot] != 0) {
      boolean alike = (int) (slots[slot] >>> 32) == hash;
      if (alike && sameToken((int) slots[slot] - 1, pool, start[id], length[id], spelling[id])) {
        return; // the first of two equal spellings keeps the name; GGUF files pad vocabularies with
        // repeats
      }
      slot = (slot + 1) & mask;
    }
    slots[slot] = ((long) hash << 32) | (id + 1);
  }

  /** The largest id plus one. */
  public int size() {
    return start.length;
  }

  /** Whether the id has a token; vocabularies may have gaps. */
  public boolean has(int id) {
    return id >= 0 && id < start.length && spelling[id] != ABSENT;
  }

  /** Number of bytes that the token stands for. */
  int byteCount(int id) {
    return length[id];
  }

  byte byteAt(int id, int index) {
    return pool[start[id] + index];
  }

  /** A copy of the bytes that the token stands for. */
  public byte[] bytes(int id) {
    return Arrays.copyOfRange(pool, start[id], start[id] + length[id]);
  }

  /** The token as the vocabulary spells it. */
  public String piece(int id) {
    if (spelling[id] != BYTE_LEVEL) {
      return new String(pool, start[id], length[id], StandardCharsets.UTF_8);
    }
    char[] spelt = new char[length[id]];
    for (int i = 0; i < spelt.length; i++) {
      spelt[i] = ByteLevelAlphabet.toCharacter(pool[start[id] + i]);
    }
    return new String(spelt);
  }

  /** The id of a spelling, or -1. */
  public int id(String piece) {
    byte[] buffer = new byte[piece.length()];
    int count = spell(piece, buffer, 0);
    if (count >= 0) {
      return find(buffer, 0, count, BYTE_LEVEL);
    }
    byte[] literal = piece.getBytes(StandardCharsets.UTF_8);
    return find(literal, 0, literal.length, LITERAL);
  }

  /** The id of the byte-level token of these bytes, or -1. */
  int idOfBytes(byte[] bytes, int from, int count) {
    return find(bytes, from, count, BYTE_LEVEL);
  }

  /** The id of the byte-level token that two tokens make together, or -1. */
  int idOfPair(int left, int right, byte[] scratch) {
    int count = length[left] + length[right];
    System.arraycopy(pool, start[left], scratch, 0, length[left]);
    System.arraycopy(pool, start[right], scratch, length[left], length[right]);
    return find(scratch, 0, count, BYTE_LEVEL);
  }

  /** Whether a token is byte-level and made of two tokens' bytes. */
  boolean isPair(int id, int left, int right) {
    if (id < 0
        || id >= start.length
        || spelling[id] != BYTE_LEVEL
        || length[id] != length[left] + length[right]) {
      return false;
    }
    int middle = start[id] + length[left];
    return Arrays.equals(pool, start[id], middle, pool, start[left], start[left] + length[left])
        && Arrays.equals(
            pool, middle, middle + length[right], pool, start[right], start[right] + length[right]);
  }

  int longestToken() {
    int longest = 0;
    for (int bytes : length) {
      longest = Math.max(longest, bytes);
    }
    return longest;
  }

  private int find(byte[] bytes, int from, int count, byte kind) {
    int mask = slots.length - 1;
    int hash = hash(bytes, from, count, kind);
    for (int slot = hash & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
      if ((int) (slots[slot] >>> 32) == hash) {
        int id = (int) slots[slot] - 1;
        if (sameToken(id, bytes, from, count, kind)) {
          return id;
        }
      }
    }
    return -1;
  }

  private boolean sameToken(int id, byte[] bytes, int from, int count, byte kind) {
    return length[id] == count
        && spelling[id] == kind
        && Arrays.equals(pool, start[id], start[id] + count, bytes, from, from + count);
  }

  private static int hash(byte[] bytes, int from, int count, byte kind) {
    return Hashing.of(bytes, from, count) + kind;
  }

  /**
   * Writes the bytes that a byte-level spelling stands for; -1 if a character is not in the
   * alphabet.
   */
  static int spell(String piece, byte[] to, int at) {
    int count = piece.length();
    for (int i = 0; i < count; i++) {
      int b = ByteLevelAlphabet.toByte(piece.charAt(i));
      if (b < 0) {
        return -1;
      }
      to[at + i] = (byte) b;
    }
    return count;
  }

  /** The same from UTF-8; -1 also for a backslash, which begins an escape in JSON. */
  static int spell(byte[] utf8, int from, int to, byte[] out, int at) {
    int n = at;
    for (int i = from; i < to; i++) {
      byte first = utf8[i];
      int c = first;
      if (first < 0) { // the whole alphabet is below U+0800: two bytes
        if ((first & 0xE0) != 0xC0 || ++i == to || (utf8[i] & 0xC0) != 0x80) {
          return -1;
        }
        c = (first & 0x1F) << 6 | utf8[i] & 0x3F;
      }
      int b = c == '\\' ? -1 : ByteLevelAlphabet.toByte((char) c);
      if (b < 0) {
        return -1;
      }
      out[n++] = (byte) b;
    }
    return n - at;
  }

  /** Collects tokens in any order. */
  public static final class Builder {
    private byte[] pool;
    private int used;
    private int count;
    private int[] start;
    private int[] length;
    private byte[] spelling;
    private int size;

    /**
     * Starts empty.
     *
     * @param expected about how many tokens will come
     */
    public Builder(int expected) {
      pool = new byte[Math.max(64, expected * 8)];
      start = new int[Math.max(16, expected)];
      length = new int[start.length];
      spelling = new byte[start.length];
    }

    public boolean has(int id) {
      return id < size && spelling[id] != ABSENT;
    }

    /**
     * Adds a token from the UTF-8 bytes of its spelling within a JSON document. The id must be
     * free.
     *
     * @return false, with nothing added, for what {@link #add(int, String)} has to see: an escape,
     *     or no byte-level spelling
     */
    public boolean add(int id, byte[] json, int from, int to) {
      grow(id, to - from);
      int count = spell(json, from, to, pool, used);
      if (count >= 0) {
        place(id, count, BYTE_LEVEL);
      }
      return count >= 0;
    }

    /** Adds a token in the vocabulary's spelling. The id must be free; see {@link #has}. */
    public void add(int id, String piece) {
      grow(id, 3 * piece.length());
      int count = spell(piece, pool, used);
      if (count >= 0) {
        place(id, count, BYTE_LEVEL);
      } else {
        byte[] literal = piece.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(literal, 0, pool, used, literal.length);
        place(id, literal.length, LITERAL);
      }
    }

    public Vocabulary build() {
      return new Vocabulary(this);
    }

    private void place(int id, int bytes, byte kind) {
      start[id] = used;
      length[id] = bytes;
      spelling[id] = kind;
      used += bytes;
      count++;
      size = Math.max(size, id + 1);
    }

    private void grow(int id, int bytes) {
      if (pool.length - used < bytes) {
        pool = Arrays.copyOf(pool, Math.max(2 * pool.length, used + bytes));
      }
      if (id >= start.length) {
        int capacity = Math.max(2 * start.length, id + 1);
        start = Arrays.copyOf(start, capacity);
        length = Arrays.copyOf(length, capacity);
        spelling = Arrays.copyOf(spelling, capacity);
      }
    }
  }
}
