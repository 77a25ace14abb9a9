package dev.burhan.backendvector;

/** What latent attention keeps in a worker thread's scratch; grows to the largest asked for. */
final class LatentWork {
  private static final int SPAN = AttentionKernel.SPAN;

  /** F32 (SPAN, latent stride) and (SPAN, rope stride): what the cache has of a span's tokens. */
  float[] latents = new float[0];

  float[] ropes = new float[0];

  /** F32 (SPAN, key stride) and (SPAN, value stride): one head's keys and values of a span. */
  float[] keys = new float[0];

  float[] values = new float[0];

  /** F32 (rank, lanes): a query on its way into the latent space. */
  float[] folds = new float[0];

  void room(int latent, int rope, int key, int value, int fold) {
    latents = atLeast(latents, SPAN * latent);
    ropes = atLeast(ropes, SPAN * rope);
    keys = atLeast(keys, SPAN * key);
    values = atLeast(values, SPAN * value);
    folds = atLeast(folds, fold);
  }

  private static float[] atLeast(float[] numbers, int count) {
    return numbers.length < count ? new float[count] : numbers;
  }
}
