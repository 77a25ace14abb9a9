package dev.burhan.modelr1;

import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.modelr1.Settings.Latent;
import dev.burhan.modelr1.Settings.Mixture;
import dev.burhan.modelr1.Settings.Rotary;

/** Settings within what a model can have: a lying file ends here and not in an overflow. */
final class Bounds {
  /** Far above any model, and products of two stay within 63 bits. */
  static final int MOST = 1 << 24;

  private static final int MOST_EXPERTS = 65_536;
  private static final int WIDEST_EXPERTS = 1 << 26; // of one layer together
  private static final int MOST_TENSORS = 1 << 18; // of one projection over all layers
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

  /** A number of experts, or of groups of them. */
  int experts(String key, int otherwise) {
    return metadata.integer(key, 0, MOST_EXPERTS, otherwise);
  }

  int headPart(String key) {
    return metadata.integer(key, 1, 65_536);
  }

  /** Dimensions of a head that are rotated. */
  int rotated(String key) {
    int dims = headPart(key);
    if (dims % 2 != 0) {
      throw wrong(key, "even, to be rotated in pairs", Integer.toString(dims));
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

  /** All heads together within bounds. */
  Latent latent(String headsKey, Latent latent) {
    long widest =
        (long) latent.heads() * Math.max(latent.queryHead(), latent.nope() + latent.valueDim());
    if (widest > MOST) {
      throw wrong(
          headsKey,
          "such that all heads have at most " + MOST + " numbers",
          latent.heads() + " heads, " + widest + " numbers");
    }
    return latent;
  }

  /** The keys that tell of experts, as a format spells them. */
  record MixtureKeys(String experts, String top, String groups, String groupsKept, String shared) {}

  /** A choice of experts that can be made. */
  Mixture mixture(MixtureKeys keys, Mixture m) {
    if (m.groups() < 1 || m.experts() % m.groups() != 0) {
      throw wrong(
          keys.groups(),
          "a divisor of the number of experts, " + m.experts(),
          Integer.toString(m.groups()));
    }
    int each = m.experts() / m.groups();
    if (m.groupsKept() < 1 || m.groupsKept() > m.groups()) {
      throw wrong(
          keys.groupsKept(),
          "from 1 to the number of groups, " + m.groups(),
          Integer.toString(m.groupsKept()));
    }
    if (m.top() < 1 || m.top() > m.groupsKept() * each) {
      throw wrong(
          keys.top(),
          "from 1 to the number of experts in the groups kept, " + m.groupsKept() * each,
          Integer.toString(m.top()));
    }
    if ((long) m.shared() * m.inner() > MOST) {
      throw wrong(
          keys.shared(),
          "at most " + MOST / m.inner() + " experts of width " + m.inner(),
          Integer.toString(m.shared()));
    }
    if ((long) m.experts() * m.inner() > WIDEST_EXPERTS) {
      throw wrong(
          keys.experts(),
          "at most " + WIDEST_EXPERTS / m.inner() + " experts of width " + m.inner(),
          Integer.toString(m.experts()));
    }
    if (!Float.isFinite(m.scale())) {
      throw new CheckpointException(
          metadata.origin() + ": the factor on the experts' weights is no number: " + m.scale());
    }
    return m;
  }

  /** As many experts in all as a folder can have a tensor each for. */
  Mixture ofLayers(String layersKey, int layers, Mixture m) {
    if ((long) layers * m.experts() > MOST_TENSORS) {
      throw wrong(
          layersKey,
          "at most " + MOST_TENSORS / m.experts() + " with " + m.experts() + " experts a layer",
          Integer.toString(layers));
    }
    return m;
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
    if (!Float.isFinite(rotary.scale()) || !Float.isFinite((float) rotary.softmaxFactor())) {
      throw wrong(
          key,
          "such that its factors are numbers",
          rotary.scale() + " and " + rotary.softmaxFactor());
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
