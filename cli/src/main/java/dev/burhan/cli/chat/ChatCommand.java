package dev.burhan.cli.chat;

import dev.burhan.cli.OptionValues;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.ReasoningOptions;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Component;

/** {@code burhan chat}: a conversation. */
@Component(service = Provider.class)
public final class ChatCommand implements Command {
  private static final int DEFAULT_MAX_TOKENS = 4096;

  /** Whose configuration says where the cache is. */
  private static final String CATALOGUE_PID = "dev.burhan.catalog";

  @Override
  public String name() {
    return "chat";
  }

  @Override
  public String summary() {
    return "Talk with a model; /help inside lists what can be changed meanwhile.";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(LoadOptions.withDefaultModel(LoadOptions.speculation()));
    options.addAll(talking());
    options.addAll(ReasoningOptions.all());
    return List.copyOf(options);
  }

  private static List<Option> talking() {
    return List.of(
        Option.optional("system", Kind.TEXT, "TEXT", "System prompt."),
        Option.optional(
            "max-tokens", Kind.INTEGER, "N", "Most tokens of an answer.", "" + DEFAULT_MAX_TOKENS),
        Option.optional(
            "temperature",
            Kind.NUMBER,
            "T",
            "0 takes the likeliest token each time.",
            "the model's recommendation"),
        Option.optional(
            "top-p",
            Kind.NUMBER,
            "P",
            "Draw from the likeliest tokens that together reach P.",
            "the same"),
        Option.optional(
            "seed",
            Kind.TEXT,
            "S",
            "An integer; one seed gives one answer.",
            "a new one each time"),
        Option.flag(
            "show-thinking", "Show thoughts as they come; otherwise one line is left of each."),
        Option.flag("no-history", "Do not remember what is typed."));
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan chat --model smollm2",
        "burhan chat --model qwen2.5-coder-0.5b --system \"Answer in one sentence.\" --seed 1");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    Settings settings = settings(arguments);
    try (var models = new Models(host.engine(), LoadOptions.loadRequest(arguments), io.progress());
        Console console = console(arguments, io, host)) {
      var session = new ChatSession(console, models, settings);
      arguments.text("system").ifPresent(session::system);
      if (io.inputIsTerminal()) {
        console.note(
            models.current().name()
                + " on "
                + models.current().backend()
                + "; /help lists the commands, Ctrl-C stops an answer, Ctrl-D leaves");
        if (arguments.text("model").isEmpty()) {
          console.note(LoadOptions.DEFAULT_MODEL_NOTE);
        }
      }
      boolean done = session.run();
      // A person has seen what failed; a script wants to be told.
      return done || io.inputIsTerminal() ? DONE : FAILED;
    }
  }

  private static Settings settings(Arguments arguments) {
    var settings =
        new Settings(
            arguments.integer("max-tokens", 1, Integer.MAX_VALUE).orElse(DEFAULT_MAX_TOKENS));
    arguments.text("seed").ifPresent(settings::seed);
    arguments.text("temperature").ifPresent(settings::temperature);
    arguments.number("top-p", 0, 1).ifPresent(settings::topP);
    settings.showThought(arguments.flag("show-thinking"));
    settings.reasoning(ReasoningOptions.reasoning(arguments));
    return settings;
  }

  private static Console console(Arguments arguments, CommandIo io, Host host) throws IOException {
    String type = System.getenv("TERM");
    boolean canMove = type != null && !type.isEmpty() && !type.equals("dumb");
    if (!io.inputIsTerminal() || !io.outputIsTerminal() || !canMove) {
      return new PlainConsole(io);
    }
    try {
      return TerminalConsole.open(
          new ChatCompleter(values(host)),
          arguments.flag("no-history") ? Optional.empty() : history(io, host),
          io.colour());
    } catch (IOException e) {
      io.err().println("the terminal can't be driven, so there is no line editing: " + e);
      return new PlainConsole(io);
    }
  }

  /** In the cache of the models, {@code chat-history}; nowhere if that can't be written. */
  private static Optional<Path> history(CommandIo io, Host host) {
    Path cache =
        host.settings()
            .find(CATALOGUE_PID, "cache", List.of())
            .map(setting -> Path.of(setting.value()))
            .orElseGet(() -> home().resolve("burhan"));
    try {
      return Optional.of(Files.createDirectories(cache).resolve("chat-history"));
    } catch (IOException e) {
      io.err().println("what is typed is not remembered, " + cache + " can't be written: " + e);
      return Optional.empty();
    }
  }

  /** Where this user's caches are, by the XDG specification. */
  private static Path home() {
    String given = System.getenv("XDG_CACHE_HOME");
    return given != null && Path.of(given).isAbsolute()
        ? Path.of(given)
        : Path.of(System.getProperty("user.home"), ".cache");
  }

  private static Map<SlashCommand, Supplier<List<String>>> values(Host host) {
    var names = new OptionValues(host);
    return Map.of(
        SlashCommand.MODEL,
        names::models,
        SlashCommand.BACKEND,
        names::backends,
        SlashCommand.THINK,
        () -> List.of("show", "fold"),
        SlashCommand.BUDGET,
        () -> List.of("none", "0"),
        SlashCommand.VERIFY,
        () -> List.of("on", "off"),
        SlashCommand.SEED,
        () -> List.of("random"),
        SlashCommand.TEMPERATURE,
        () -> List.of("default", "0"));
  }
}
