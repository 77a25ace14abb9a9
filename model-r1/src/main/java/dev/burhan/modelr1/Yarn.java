package dev.burhan.modelr1;

/**
 * YaRN (Peng et al. 2023) as DeepSeek's models have it: the frequencies in F32 step by step, as
 * they were trained.
 */
final class Yarn {
  private Yarn() {}

  /** Frequencies without any scaling: {@code theta^(-2j/dims)}. */
  static float[] plain(double theta, int dims) {
    float[] frequencies = new float[dims / 2];
    for (int j = 0; j < frequencies.length; j++) {
      frequencies[j] = 1f / (float) Math.pow(theta, 2f * j / dims);
    }
    return frequencies;
  }

  /**
   * Slow pairs divided by {@code factor}, fast ones kept, blended between by the pair's number.
   *
   * @param fast turns within the original context from which on a pair is kept
   * @param slow turns up to which a pair is divided
   * @param original context of the unscaled training
   */
  static float[] scaled(
      float[] frequencies, double factor, double fast, double slow, int original, double theta) {
    int dims = 2 * frequencies.length;
    double from = Math.max(Math.floor(pairThatTurns(fast, dims, original, theta)), 0);
    double to = Math.min(Math.ceil(pairThatTurns(slow, dims, original, theta)), dims - 1);
    if (from == to) {
      to += 0.001;
    }
    float[] scaled = new float[frequencies.length];
    for (int j = 0; j < scaled.length; j++) {
      float divided = (float) Math.clamp((j - from) / (to - from), 0, 1);
      float kept = 1 - divided;
      scaled[j] = frequencies[j] / (float) factor * (1 - kept) + frequencies[j] * kept;
    }
    return scaled;
  }

  private static double pairThatTurns(double times, int dims, int original, double theta) {
    return dims * Math.log(original / (times * 2 * Math.PI)) / (2 * Math.log(theta));
  }

  /** {@code 0.1 * weight * ln(factor) + 1}. */
  static double magnitude(double factor, double weight) {
    return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
  }
}
