package dev.burhan.engine;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.command.Arguments;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The options by which every command that runs a model is told which and how. */
public final class LoadOptions {
  /**
   * The model that comes with every installation: a very small one of R1's architecture that does
   * arithmetic, to show and to test with.
   */
  public static final String DEFAULT_MODEL = "burhan-tiny-r1";

  /** What tells a user that this model is no more than that. */
  public static final String DEFAULT_MODEL_NOTE =
      DEFAULT_MODEL
          + " is a demonstration: it adds, subtracts and multiplies; burhan models lists others, such as --model smollm2";

  private static final String SPECULATE = "speculate";
  private static final String ACTIVATIONS = HostKernelsProvider.ACTIVATIONS;

  /** Those that go to the engine or the backend by name. */
  private static final List<String> NAMED =
      List.of(
          ACTIVATIONS,
          LoadRequest.KV_TYPE,
          LoadRequest.EXPERT_MEMORY,
          LoadRequest.SEQUENCES,
          LoadRequest.KV_MEMORY,
          LoadRequest.PREFIX_CACHE,
          LoadRequest.PREFIX_FOLDER);

  private LoadOptions() {}

  /** All of them, then {@code others}. */
  public static List<Option> with(Option... others) {
    return after(model(), others);
  }

  /** The same, where {@link #DEFAULT_MODEL} is taken if nobody names one. */
  public static List<Option> withDefaultModel(Option... others) {
    return after(modelOrDefault(), others);
  }

  private static List<Option> after(Option model, Option... others) {
    List<Option> options = new ArrayList<>();
    options.add(model);
    options.addAll(run());
    options.addAll(Arrays.asList(others));
    return List.copyOf(options);
  }

  /** How the model is run: all of them but {@code --model}. */
  public static List<Option> run() {
    return List.of(backend(), threads(), context(), activations(), kvType(), expertMemory());
  }

  public static Option model() {
    return Option.required(
        "model",
        Kind.TEXT,
        "M",
        "A .gguf file, a Hugging Face folder, or a catalogue name such as smollm2.");
  }

  /** The same, for commands that take {@link #DEFAULT_MODEL} where nobody names one. */
  public static Option modelOrDefault() {
    return Option.optional(
        "model",
        Kind.TEXT,
        "M",
        "A .gguf file, a Hugging Face folder, or a catalogue name such as smollm2.",
        DEFAULT_MODEL + ", which does arithmetic");
  }

  public static Option backend() {
    return Option.optional(
        "backend", Kind.TEXT, "NAME", "What runs the model.", "the best that is usable");
  }

  public static Option threads() {
    return Option.optional(
            "threads", Kind.INTEGER, "N", "Worker threads.", "as many as there are processors")
        .letter('t');
  }

  private static Option context() {
    return Option.optional(
        "context",
        Kind.INTEGER,
        "N",
        "Most tokens of prompt and answer together.",
        "the model's limit, at most " + LoadRequest.DEFAULT_CONTEXT);
  }

  public static Option activations() {
    return Option.optional(
        ACTIVATIONS,
        Kind.TEXT,
        "TYPE",
        "f32, or q8: activations in 8 bits where weights are quantised, faster and a little less exact.",
        "the backend's own");
  }

  public static Option kvType() {
    return Option.optional(
        LoadRequest.KV_TYPE,
        Kind.TEXT,
        "TYPE",
        "How keys and values are kept: f32, f16, bf16 or q8, which take less memory and are less exact.",
        "f32");
  }

  /** Whether tokens are guessed ahead: for commands that generate. */
  public static Option speculation() {
    return Option.optional(
        SPECULATE,
        Kind.TEXT,
        "HOW",
        "auto, off, lookup, mtp or mtp:N: tokens are guessed from the text so far, or N at a time by the checkpoint's MTP layer; what comes out is the same.",
        "auto: both, as long as that is quicker");
  }

  public static Option expertMemory() {
    return Option.optional(
        LoadRequest.EXPERT_MEMORY,
        Kind.TEXT,
        "SIZE",
        "Memory for experts, such as 4G; those that don't fit are read from the disk when they are chosen.",
        "as much as all experts take");
  }

  /** How requests share the model: for commands that run several at once. */
  public static List<Option> sharing() {
    return List.of(
        Option.optional(
            LoadRequest.SEQUENCES,
            Kind.INTEGER,
            "N",
            "Most requests that are worked on at once.",
            "" + LoadRequest.DEFAULT_SEQUENCES),
        Option.optional(
            LoadRequest.KV_MEMORY,
            Kind.TEXT,
            "SIZE",
            "Memory for the keys and values of all requests, such as 4G.",
            "what the requests' contexts need, at most a quarter of the memory"),
        Option.optional(
            LoadRequest.PREFIX_CACHE,
            Kind.TEXT,
            "HOW",
            "on, off or tenant: whether prompts that begin alike share their keys and values, all or those of one tenant.",
            "on"),
        Option.optional(
            LoadRequest.PREFIX_FOLDER,
            Kind.PATH,
            "FOLDER",
            "Keeps what was computed for prompts there (1 GiB at most), for after a restart.",
            "kept in memory only"));
  }

  /** What the arguments ask for, as far as they say. */
  public static LoadRequest loadRequest(Arguments arguments) {
    return loadRequest(arguments.text("model").orElse(DEFAULT_MODEL), arguments);
  }

  /** For a model that was named otherwise than by {@code --model}. */
  public static LoadRequest loadRequest(String model, Arguments arguments) {
    arguments
        .text(ACTIVATIONS)
        .filter(value -> !value.equals("f32") && !value.equals("q8"))
        .ifPresent(
            value -> {
              throw new UsageException("--activations should be f32 or q8, found '" + value + "'");
            });
    Map<String, String> options = new HashMap<>();
    for (String name : NAMED) {
      arguments.text(name).ifPresent(value -> options.put(name, value));
    }
    return new LoadRequest(
            model,
            arguments.text("backend"),
            arguments.integer("threads", 1, 1024).orElse(0),
            arguments.integer("context", 1, Integer.MAX_VALUE).orElse(0),
            options)
        .withSpeculation(
            arguments.text(SPECULATE).map(text -> Speculation.parse("--" + SPECULATE, text)));
  }
}
