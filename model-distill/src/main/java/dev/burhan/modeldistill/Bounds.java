package dev.burhan.modeldistill;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.modeldistill.DecoderSettings.Rotary;

/** Settings within what a model can have: a lying file ends here and not in an overflow. */
final class Bounds {
  /** Far above any model, and products of two stay within 63 bits. */
  static final int MOST = 1 << 24;

  private static final int LONGEST_SHOWN = 120;

  private final Metadata metadata;

  Bounds(Metadata metadata) {
    this.metadata = metadata;
  }

  int layers(String key) {
    return metadata.integer(key, 1, 10_000);
  }

  int width(String key) {
    return metadata.integer(key, 1, MOST);
  }

  int context(String key) {
    return metadata.integer(key, 1, Integer.MAX_VALUE);
  }

  int heads(String key) {
    return metadata.integer(key, 1, 65_536);
  }

  int kvHeads(String key, int heads) {
    int kvHeads = metadata.integer(key, 1, heads);
    if (heads % kvHeads != 0) {
      throw wrong(key, "a divisor of the number of heads, " + heads, Integer.toString(kvHeads));
    }
    return kvHeads;
  }

  int headDim(String key, int hidden, int heads) {
    if (!metadata.has(key) && hidden % heads != 0) {
      throw wrong(key, "given, as " + hidden + " is no multiple of " + heads + " heads", "nothing");
    }
    int headDim = metadata.integer(key, 1, 65_536, hidden / heads);
    if (headDim % 2 != 0) {
      throw wrong(key, "even, to be rotated in pairs", Integer.toString(headDim));
    }
    if ((long) heads * headDim > MOST) {
      throw wrong(
          key, "at most " + MOST / heads + " with " + heads + " heads", Integer.toString(headDim));
    }
    return headDim;
  }

  /** Dimensions of a head that are rotated. */
  int rotaryDims(String key, int headDim) {
    int dims = metadata.integer(key, 2, headDim, headDim);
    if (dims % 2 != 0) {
      throw wrong(key, "even", Integer.toString(dims));
    }
    return dims;
  }

  float epsilon(String key) {
    double epsilon = metadata.real(key);
    if (epsilon <= 0 || epsilon >= 1) {
      throw wrong(key, "between 0 and 1", Double.toString(epsilon));
    }
    return (float) epsilon;
  }

  double positive(String key) {
    double number = metadata.real(key);
    if (number <= 0) {
      throw wrong(key, "positive", Double.toString(number));
    }
    return number;
  }

  double positive(String key, double otherwise) {
    return metadata.has(key) ? positive(key) : otherwise;
  }

  /**
   * Rotary positions that can be calculated with: extreme settings give frequencies that are no
   * numbers, and a model that answers nonsense.
   */
  Rotary finite(String key, Rotary rotary) {
    for (int pair = 0; pair < rotary.frequencies().size(); pair++) {
      float frequency = rotary.frequencies().at(pair);
      if (!Float.isFinite(frequency)) {
        throw wrong(key, "such that every frequency is a number", Float.toString(frequency));
      }
    }
    if (!Float.isFinite(rotary.scale())) {
      throw wrong(key, "such that its factor is a number", Float.toString(rotary.scale()));
    }
    return rotary;
  }

  CheckpointException wrong(String key, String expected, String found) {
    return new CheckpointException(
        metadata.origin()
            + ": key '"
            + key
            + "' should be "
            + expected
            + "; found "
            + shown(found));
  }

  /** A text from a file, fit to stand in a message of one line. */
  static String shown(String text) {
    String cut = text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\u0085\\u2028\\u2029\\ud800-\\udfff]+", " ");
  }
}
