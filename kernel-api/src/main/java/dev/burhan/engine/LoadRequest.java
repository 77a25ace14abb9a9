package dev.burhan.engine;

import dev.burhan.provider.UsageException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A model to load.
 *
 * @param model a file, a folder, or a catalogue name
 * @param backend the name of a backend or of a library of host kernels; empty for the best there is
 * @param threads worker threads; 0 for as many as the process may use
 * @param context most tokens of a sequence; 0 for the model's own limit or {@link
 *     #DEFAULT_CONTEXT}, whichever is less
 * @param options for the backend, by name
 * @param warmUp what suits the caller, where the configuration says nothing; empty for {@link
 *     WarmUp#BACKGROUND}
 * @param speculation whether tokens are guessed ahead; empty for the configuration's word or {@link
 *     Speculation#AUTO}
 * @param name what the model is called in figures, events and logs; empty for {@code model}
 */
public record LoadRequest(
    String model,
    Optional<String> backend,
    int threads,
    int context,
    Map<String, String> options,
    Optional<WarmUp> warmUp,
    Optional<Speculation> speculation,
    Optional<String> name) {

  /** Tokens a sequence may have if nobody says otherwise. */
  public static final int DEFAULT_CONTEXT = 8192;

  /** Requests that run at once if nobody says otherwise. */
  public static final int DEFAULT_SEQUENCES = 8;

  /** Option of the engine: how caches are stored, {@code f32} (default), f16, bf16 or q8. */
  public static final String KV_TYPE = "kv-type";

  /**
   * Option of the engine: how much memory experts may take, such as {@code 4G}; those that do not
   * fit are read from the checkpoint when they are chosen.
   */
  public static final String EXPERT_MEMORY = "expert-memory";

  /** Option of the engine: how many requests run at once at most. */
  public static final String SEQUENCES = "sequences";

  /**
   * Option of the engine: how much memory the cache of keys and values may take, such as {@code
   * 4G}; at least what one request of the full context needs.
   */
  public static final String KV_MEMORY = "kv-memory";

  /**
   * Option of the engine: whether prompts that begin alike share what was computed for them, {@code
   * on} (default) or {@code off}; or {@code tenant}: only requests of one tenant do.
   */
  public static final String PREFIX_CACHE = "prefix-cache";

  /**
   * Option of the engine: a folder that keeps what was computed for prompts beyond the model's
   * life, so that long system prompts are there after a restart; none if nobody says.
   */
  public static final String PREFIX_FOLDER = "prefix-folder";

  public LoadRequest {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(warmUp, "warmUp");
    Objects.requireNonNull(speculation, "speculation");
    Objects.requireNonNull(name, "name");
    options = Map.copyOf(options);
    if (threads < 0) {
      throw new UsageException("threads should be 0 or more, found " + threads);
    }
    if (context < 0) {
      throw new UsageException("context should be 0 or more, found " + context);
    }
  }

  public LoadRequest(
      String model,
      Optional<String> backend,
      int threads,
      int context,
      Map<String, String> options) {
    this(model, backend, threads, context, options, Optional.empty());
  }

  public LoadRequest(
      String model,
      Optional<String> backend,
      int threads,
      int context,
      Map<String, String> options,
      Optional<WarmUp> warmUp) {
    this(model, backend, threads, context, options, warmUp, Optional.empty());
  }

  public LoadRequest(
      String model,
      Optional<String> backend,
      int threads,
      int context,
      Map<String, String> options,
      Optional<WarmUp> warmUp,
      Optional<Speculation> speculation) {
    this(model, backend, threads, context, options, warmUp, speculation, Optional.empty());
  }

  public LoadRequest withBackend(String value) {
    return new LoadRequest(
        model, Optional.of(value), threads, context, options, warmUp, speculation, name);
  }

  public LoadRequest withWarmUp(WarmUp when) {
    return new LoadRequest(
        model, backend, threads, context, options, Optional.of(when), speculation, name);
  }

  public LoadRequest withName(String value) {
    return new LoadRequest(
        model, backend, threads, context, options, warmUp, speculation, Optional.of(value));
  }

  /** With an option that says so unless it says something already. */
  public LoadRequest withDefault(String option, String value) {
    Map<String, String> more = new HashMap<>(options);
    more.putIfAbsent(option, value);
    return new LoadRequest(model, backend, threads, context, more, warmUp, speculation, name);
  }

  public LoadRequest withSpeculation(Optional<Speculation> how) {
    return new LoadRequest(model, backend, threads, context, options, warmUp, how, name);
  }

  public static LoadRequest of(String model) {
    return new LoadRequest(model, Optional.empty(), 0, 0, Map.of());
  }
}
