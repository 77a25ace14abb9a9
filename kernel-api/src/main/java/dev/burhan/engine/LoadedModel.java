package dev.burhan.engine;

import dev.burhan.backend.Plan;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.model.ModelInfo;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** A model that is ready to answer. Thread-safe. */
@ProviderType
public interface LoadedModel extends AutoCloseable {

  /** What it is called; as it was asked for, if nobody gave it a name. */
  String name();

  ModelInfo info();

  /** The checkpoint it was loaded from; open as long as the model is. */
  Checkpoint checkpoint();

  /** How it runs: on what, with how much memory, with which numerics. */
  Plan plan();

  /** How its draft head runs beside it, if tokens are guessed ahead: see {@link Speculation}. */
  default Optional<Plan> draftPlan() {
    return Optional.empty();
  }

  /** The name of the backend or library that runs it. */
  String backend();

  /**
   * Goes on with another backend while requests run: they pause and go on, none is lost. Returns
   * when it runs on it. The old one's memory is free by then.
   *
   * @param backend its name; empty for the best there is
   * @param recompute whether what runs is computed again from its tokens even where its keys and
   *     values could be copied: then all of a text is of one backend's numerics
   * @throws dev.burhan.provider.BurhanException if there is no such backend, it can't run the
   *     model, or the model is closed; it runs on as before then
   */
  default Exchange exchange(Optional<String> backend, boolean recompute)
      throws InterruptedException {
    throw new UnsupportedOperationException("this model's backend can't be exchanged");
  }

  /** How it was loaded, where that is known. */
  default Optional<LoadReport> loading() {
    return Optional.empty();
  }

  /** What it does and did; all zero where nobody counts. */
  default ModelStatistics statistics() {
    return ModelStatistics.NONE;
  }

  /**
   * Waits for what goes on in the background after loading, such as writing caches. For
   * measurements: nothing else has to wait for it.
   */
  default void settle() throws InterruptedException {}

  /**
   * The tokenizer.
   *
   * @throws dev.burhan.provider.BurhanException if the checkpoint has none
   */
  Tokenizer tokenizer();

  Optional<ChatFormat> chatFormat();

  /**
   * What the model's makers recommend (generation_config.json), or DeepSeek's settings for R1 where
   * they say nothing.
   *
   * @param seed the seed to put in
   */
  SamplingParameters recommended(long seed);

  /**
   * Queues a generation.
   *
   * @throws dev.burhan.provider.UsageException if the prompt does not fit the context or a token id
   *     is out of range
   */
  Generation generate(GenerationRequest request);

  /**
   * Logits at every position of a text, in order.
   *
   * @param tokens at least one, at most the context
   * @param promptTokens how many of them are run as a prompt's, in chunks; the rest are run one by
   *     one, as if they had been generated: backends may compute those in another way
   * @throws dev.burhan.provider.UsageException if a token id is out of range or there are too many
   */
  void score(int[] tokens, int promptTokens, LogitSink sink) throws InterruptedException;

  /** Logits at every position of a text that is a prompt as a whole. */
  default void score(int[] tokens, LogitSink sink) throws InterruptedException {
    score(tokens, tokens.length, sink);
  }

  /**
   * Logits from a position on: those before are computed without their logits, which is quicker.
   *
   * @param tokens at least one, at most the context
   * @param from the first position that is given to {@code sink}; 0 gives all
   * @throws dev.burhan.provider.UsageException if a token id is out of range or there are too many
   */
  default void scoreFrom(int[] tokens, int from, LogitSink sink) throws InterruptedException {
    score(
        tokens,
        (position, logits) -> {
          if (position >= from) {
            sink.accept(position, logits);
          }
        });
  }

  /** Given each position's logits. */
  @FunctionalInterface
  interface LogitSink {
    /**
     * One position.
     *
     * @param position counted from 0
     * @param logits (vocabulary), valid during the call only
     */
    void accept(int position, float[] logits);
  }

  /** Cancels what runs and frees everything; idempotent. */
  @Override
  void close();
}
