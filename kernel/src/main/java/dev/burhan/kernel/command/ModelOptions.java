package dev.burhan.kernel.command;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.command.Arguments;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.Speculation;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The options by which every command that runs a model is told which and how. */
public final class ModelOptions {
  private ModelOptions() {}

  /** All of them, then {@code others}. */
  public static List<Option> with(Option... others) {
    List<Option> options = new ArrayList<>();
    options.add(model());
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
        "activations",
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

  /** For commands that generate; {@link #speculation(Arguments)} reads it. */
  public static Option speculation() {
    return Option.optional(
        "speculate",
        Kind.TEXT,
        "HOW",
        "auto, off, mtp or mtp:N: the checkpoint's MTP layer guesses N tokens ahead; the text stays the same.",
        "auto: where there is one, as long as that is quicker");
  }

  public static Optional<Speculation> speculation(Arguments arguments) {
    return arguments.text("speculate").map(text -> Speculation.parse("--speculate", text));
  }

  public static Option expertMemory() {
    return Option.optional(
        LoadRequest.EXPERT_MEMORY,
        Kind.TEXT,
        "SIZE",
        "Memory for experts, such as 4G; those that don't fit are read from the disk when they are chosen.",
        "as much as all experts take");
  }

  public static LoadRequest loadRequest(Arguments arguments) {
    return loadRequest(arguments.required("model"), arguments);
  }

  /** For a model that was named otherwise than by {@code --model}. */
  public static LoadRequest loadRequest(String model, Arguments arguments) {
    Map<String, String> options = new HashMap<>();
    arguments
        .text("activations")
        .ifPresent(value -> options.put(HostKernelsProvider.ACTIVATIONS, value));
    arguments
        .text("activations")
        .filter(value -> !value.equals("f32") && !value.equals("q8"))
        .ifPresent(
            value -> {
              throw new UsageException("--activations should be f32 or q8, found '" + value + "'");
            });
    arguments.text(LoadRequest.KV_TYPE).ifPresent(value -> options.put(LoadRequest.KV_TYPE, value));
    arguments
        .text(LoadRequest.EXPERT_MEMORY)
        .ifPresent(value -> options.put(LoadRequest.EXPERT_MEMORY, value));
    return new LoadRequest(
        model,
        arguments.text("backend"),
        arguments.integer("threads", 1, 1024).orElse(0),
        arguments.integer("context", 1, Integer.MAX_VALUE).orElse(0),
        options);
  }
}
