package dev.burhan.kernel.perplexity;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.Speculation;
import dev.burhan.kernel.report.Amount;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import dev.burhan.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Component;

/** {@code burhan perplexity}: how well a model predicts a text. */
@Component(service = Provider.class)
public final class PerplexityCommand implements Command {
  private static final int CONTEXT = 512;
  private static final int MOST_WINDOWS = 1 << 30;

  @Override
  public String name() {
    return "perplexity";
  }

  @Override
  public String summary() {
    return "Measure how well a model predicts a text, as llama.cpp's llama-perplexity does.";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(LoadOptions.model());
    options.add(Option.required("file", Kind.PATH, "FILE", "The text, in UTF-8."));
    options.add(
        Option.optional(
            "context", Kind.INTEGER, "N", "Tokens of a window.", Integer.toString(CONTEXT)));
    options.add(
        Option.optional(
            "windows", Kind.INTEGER, "N", "Most windows, from the start of the text.", "all"));
    options.add(
        Option.flag(
            "generated",
            "Run the scored tokens one by one, as if they had been generated: slower, shows decoding's numerics."));
    options.add(LoadOptions.backend());
    options.add(LoadOptions.threads());
    options.add(LoadOptions.activations());
    options.add(Option.flag("json", "Answer in JSON."));
    return List.copyOf(options);
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan perplexity --model smollm2 --file book.txt",
        "burhan perplexity --model smollm2 --file book.txt --activations f32 --windows 20 --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host)
      throws IOException, InterruptedException {
    String text = text(arguments.path("file").orElseThrow());
    int context = arguments.integer("context", 2, MOST_WINDOWS).orElse(CONTEXT);
    LoadRequest asked = LoadOptions.loadRequest(arguments).withDefault(LoadRequest.SEQUENCES, "1");
    LoadRequest request =
        new LoadRequest(asked.model(), asked.backend(), asked.threads(), context, asked.options())
            .withSpeculation(Optional.of(Speculation.OFF));
    try (LoadedModel model = host.engine().load(request, io.progress())) {
      OptionalInt begin = begin(model.tokenizer());
      int[] tokens = tokens(model.tokenizer(), text, begin);
      requireTwoWindows(tokens, context, arguments);
      int windows =
          Math.min(
              tokens.length / context,
              arguments.integer("windows", 1, MOST_WINDOWS).orElse(MOST_WINDOWS));
      long started = System.nanoTime();
      Perplexity.Result result =
          new Perplexity(model, context, begin, arguments.flag("generated"))
              .run(tokens, windows, io.progress());
      double seconds = (System.nanoTime() - started) / 1e9;
      Run run =
          new Run(result, tokens.length, context, windows, seconds, arguments.flag("generated"));
      if (arguments.flag("json")) {
        io.out().println(JsonText.of(json(model, run)));
      } else {
        print(model, run, io);
      }
    }
    return DONE;
  }

  private record Run(
      Perplexity.Result result,
      int textTokens,
      int context,
      int windows,
      double seconds,
      boolean generated) {}

  /** As llama.cpp reads a prompt's file: without one line feed at its end. */
  private static String text(Path file) throws IOException {
    try {
      String text = Files.readString(file);
      return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    } catch (NoSuchFileException e) {
      throw new BurhanException("there is no file " + file + " to score; --file names a text", e);
    } catch (CharacterCodingException e) {
      throw new BurhanException(file + ": expected text in UTF-8, found other bytes", e);
    }
  }

  /** The token that the tokenizer puts before a text by itself, if it does. */
  private static OptionalInt begin(Tokenizer tokenizer) {
    int[] added = tokenizer.encode("", true);
    OptionalInt begin = tokenizer.beginOfText();
    return added.length > 0 && begin.isPresent() && added[0] == begin.getAsInt()
        ? begin
        : OptionalInt.empty();
  }

  /** What looks like a special token in the text is text. */
  private static int[] tokens(Tokenizer tokenizer, String text, OptionalInt begin) {
    return IntStream.concat(begin.stream(), IntStream.of(tokenizer.encodePlain(text))).toArray();
  }

  private static void requireTwoWindows(int[] tokens, int context, Arguments arguments) {
    if (tokens.length < 2 * context) {
      throw new UsageException(
          arguments.path("file").orElseThrow()
              + " has "
              + tokens.length
              + " tokens; expected at least two windows, "
              + 2 * context
              + ": take a longer text or a smaller --context");
    }
  }

  private static Map<String, Object> json(LoadedModel model, Run run) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("perplexity", run.result().perplexity());
    json.put("tokens", run.result().tokens());
    json.put("standard_error", run.result().standardError());
    json.put("mean_negative_log_probability", run.result().meanNegativeLogProbability());
    json.put("text_tokens", run.textTokens());
    json.put("context", run.context());
    json.put("windows", run.windows());
    json.put("phase", run.generated() ? "generated" : "prompt");
    json.put("model", model.name());
    json.put("backend", model.backend());
    json.put("numerics", model.plan().numerics().id());
    json.put("seconds", run.seconds());
    return json;
  }

  private static void print(LoadedModel model, Run run, CommandIo io) {
    Perplexity.Result result = run.result();
    io.out()
        .printf(
            Locale.ROOT, "perplexity %.4f +- %.4f%n", result.perplexity(), result.standardError());
    io.err()
        .printf(
            Locale.ROOT,
            "[%s: %s of %s tokens scored, in %d windows of %d; %.1f s, %.0f tokens/s]%n",
            model.backend(),
            Amount.whole(result.tokens()),
            Amount.whole(run.textTokens()),
            run.windows(),
            run.context(),
            run.seconds(),
            (double) run.windows() * run.context() / run.seconds());
  }
}
