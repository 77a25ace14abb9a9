package dev.burhan.checkpoint.gguf;

import dev.burhan.checkpoint.CheckpointException;

/**
 * The values of GGUF's key-value pairs, as the format's specification has them
 * (github.com/ggml-org/ggml/blob/master/docs/gguf.md), in the Java types of {@link
 * dev.burhan.checkpoint.Metadata}.
 */
final class GgufValues {
  static final int UINT8 = 0;
  static final int INT8 = 1;
  static final int UINT16 = 2;
  static final int INT16 = 3;
  static final int UINT32 = 4;
  static final int INT32 = 5;
  static final int FLOAT32 = 6;
  static final int BOOL = 7;
  static final int STRING = 8;
  static final int ARRAY = 9;
  static final int UINT64 = 10;
  static final int INT64 = 11;
  static final int FLOAT64 = 12;

  /**
   * Bytes that a value of each type takes at least: a string its length, an array its type and
   * count.
   */
  private static final int[] LEAST_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

  /**
   * Array elements in one file; DeepSeek's and Llama's vocabularies with merges and scores need
   * about a million.
   */
  static final int MOST_ELEMENTS = 1 << 24;

  static final int LONGEST_STRING = 1 << 26;
  static final int DEEPEST_ARRAY = 8;

  private final HeaderCursor in;
  private long elements;

  GgufValues(HeaderCursor in) {
    this.in = in;
  }

  /** A type's number, then a value of it. */
  Object read() {
    return value(type(), 0);
  }

  private int type() {
    long type = in.unsigned32();
    if (type >= LEAST_BYTES.length) {
      throw in.fail(
          4,
          "value type "
              + type
              + " is unknown; GGUF has the types 0 to "
              + (LEAST_BYTES.length - 1));
    }
    return (int) type;
  }

  private Object value(int type, int depth) {
    return switch (type) {
      case FLOAT32 -> (double) Float.intBitsToFloat(in.int32());
      case FLOAT64 -> Double.longBitsToDouble(in.int64());
      case BOOL -> bool();
      case STRING -> in.string("a string", LONGEST_STRING);
      case ARRAY -> array(depth);
      default -> integer(type);
    };
  }

  private long integer(int type) {
    return switch (type) {
      case UINT8 -> in.unsigned8();
      case INT8 -> in.signed8();
      case UINT16 -> in.int16() & 0xffff;
      case INT16 -> in.int16();
      case UINT32 -> in.unsigned32();
      case INT32 -> in.int32();
      case INT64 -> in.int64();
      default -> unsigned64();
    };
  }

  private long unsigned64() {
    long number = in.int64();
    if (number < 0) {
      throw in.fail(
          8,
          "the number "
              + Long.toUnsignedString(number)
              + " is too large; the largest one supported is "
              + Long.MAX_VALUE);
    }
    return number;
  }

  private boolean bool() {
    int value = in.unsigned8();
    if (value > 1) {
      throw in.fail(1, "a truth value should be 0 or 1, found " + value);
    }
    return value == 1;
  }

  private Object array(int depth) {
    int type = type();
    if (type == ARRAY && depth + 1 >= DEEPEST_ARRAY) {
      throw in.fail(4, "arrays are nested more than " + DEEPEST_ARRAY + " deep");
    }
    long counted = in.count("array elements", LEAST_BYTES[type]);
    elements += counted;
    if (elements > MOST_ELEMENTS) {
      throw tooMany(counted);
    }
    int count = (int) counted;
    return switch (type) {
      case FLOAT32, FLOAT64 -> reals(type, count);
      case STRING -> strings(count);
      case BOOL -> bools(count);
      case ARRAY -> arrays(count, depth + 1);
      default -> integers(type, count);
    };
  }

  private CheckpointException tooMany(long counted) {
    return in.fail(
        8,
        "an array of "
            + counted
            + " elements brings the metadata to "
            + elements
            + " array elements; the limit is "
            + MOST_ELEMENTS);
  }

  private double[] reals(int type, int count) {
    var values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          type == FLOAT32 ? Float.intBitsToFloat(in.int32()) : Double.longBitsToDouble(in.int64());
    }
    return values;
  }

  private long[] integers(int type, int count) {
    var values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = integer(type);
    }
    return values;
  }

  private boolean[] bools(int count) {
    var values = new boolean[count];
    for (int i = 0; i < count; i++) {
      values[i] = bool();
    }
    return values;
  }

  private String[] strings(int count) {
    var values = new String[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.string("a string of the array", LONGEST_STRING);
    }
    return values;
  }

  private Object[] arrays(int count, int depth) {
    var values = new Object[count];
    for (int i = 0; i < count; i++) {
      values[i] = array(depth);
    }
    return values;
  }
}
