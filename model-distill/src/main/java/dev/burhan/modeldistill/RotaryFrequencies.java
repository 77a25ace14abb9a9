package dev.burhan.modeldistill;

import dev.burhan.graph.InverseFrequencies;
import dev.burhan.modeldistill.DecoderSettings.Rotary;

/**
 * Inverse frequencies and their scalings, in F32 step by step as the models were trained with them
 * (Hugging Face's {@code modeling_rope_utils}): computed in double they would differ by an ulp,
 * which late positions multiply.
 */
final class RotaryFrequencies {
  private RotaryFrequencies() {}

  /** {@code theta^(-2j/dims)} (Su et al. 2021). */
  static float[] plain(double theta, int dims) {
    float[] frequencies = new float[dims / 2];
    for (int j = 0; j < frequencies.length; j++) {
      float exponent = 2f * j / dims;
      frequencies[j] = 1f / (float) Math.pow(theta, exponent);
    }
    return frequencies;
  }

  static Rotary unscaled(float[] frequencies, boolean interleaved) {
    return new Rotary(new InverseFrequencies(frequencies), 1, interleaved);
  }

  /** Positions divided by a factor (Chen et al. 2023). */
  static float[] linear(float[] frequencies, float factor) {
    float[] scaled = new float[frequencies.length];
    for (int j = 0; j < scaled.length; j++) {
      scaled[j] = frequencies[j] / factor;
    }
    return scaled;
  }

  /** Each frequency divided by a factor of its own: GGUF's {@code rope_freqs.weight}. */
  static float[] divided(float[] frequencies, float[] factors) {
    float[] scaled = new float[frequencies.length];
    for (int j = 0; j < scaled.length; j++) {
      scaled[j] = frequencies[j] / factors[j];
    }
    return scaled;
  }

  /**
   * Llama 3.1's scaling: long waves are divided by {@code factor}, short ones kept, blended
   * between.
   *
   * @param low waves longer than {@code original / low} tokens are long
   * @param high waves shorter than {@code original / high} are short
   * @param original context of the unscaled training
   */
  static float[] llama3(float[] frequencies, float factor, float low, float high, int original) {
    float[] scaled = new float[frequencies.length];
    for (int j = 0; j < scaled.length; j++) {
      float wave = (float) (2 * Math.PI) / frequencies[j];
      if (wave < original / high) {
        scaled[j] = frequencies[j];
      } else if (wave > original / low) {
        scaled[j] = frequencies[j] / factor;
      } else {
        float smooth = (original / wave - low) / (high - low);
        scaled[j] = (1 - smooth) * frequencies[j] / factor + smooth * frequencies[j];
      }
    }
    return scaled;
  }

  /**
   * YaRN (Peng et al. 2023): as Llama 3.1's, but blended by the pair's number.
   *
   * @param fast turns within the original context from which on a pair is kept
   * @param slow turns up to which a pair is divided
   */
  static float[] yarn(
      float[] frequencies, float factor, double fast, double slow, int original, double theta) {
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
      scaled[j] = frequencies[j] / factor * (1 - kept) + frequencies[j] * kept;
    }
    return scaled;
  }

  private static double pairThatTurns(double times, int dims, int original, double theta) {
    return dims * Math.log(original / (times * 2 * Math.PI)) / (2 * Math.log(theta));
  }

  /** YaRN's factor on sine and cosine: {@code 0.1 * weight * ln(factor) + 1}. */
  static double yarnAttention(double factor, double weight) {
    return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
  }
}
