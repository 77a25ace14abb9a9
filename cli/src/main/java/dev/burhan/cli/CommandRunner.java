package dev.burhan.cli;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Runs one command line: finds the command, checks its options, shows help or errors, answers the
 * exit code.
 */
final class CommandRunner {
  private static final String VERBOSE = "--verbose";

  private final Supplier<Host> host;
  private final boolean inFramework;

  /** In the framework. */
  CommandRunner(Supplier<Host> host) {
    this(host, true);
  }

  CommandRunner(Supplier<Host> host, boolean inFramework) {
    this.host = host;
    this.inFramework = inFramework;
  }

  /**
   * Runs it.
   *
   * @return {@link Command#DONE}, {@link Command#FAILED} or {@link Command#USAGE}
   */
  int run(String[] args, Terminal io) {
    try {
      try {
        return execute(args, io);
      } catch (Exception | LinkageError | OutOfMemoryError | StackOverflowError e) {
        return fail(e, isVerbose(args), io);
      } finally {
        io.finish();
      }
    } catch (PipeStream.Closed e) {
      return Command.FAILED; // told to nobody: nobody listens
    }
  }

  private int execute(String[] args, Terminal io) throws Exception {
    if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
      io.out().println("burhan " + version());
      return Command.DONE;
    }
    Host opened = host.get();
    CommandLine root = CommandLines.root(opened.providers(Command.class));
    ParseResult parsed;
    try {
      parsed = root.parseArgs(args);
    } catch (ParameterException e) {
      throw new UsageException(WrongUsage.message(e), e);
    }
    ParseResult chosen = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
    CommandLine line = chosen.commandSpec().commandLine();
    Ansi ansi = io.colour() ? Ansi.ON : Ansi.OFF;
    if (chosen.isUsageHelpRequested()) {
      line.usage(io.out(), ansi);
      return Command.DONE;
    }
    if (parsed.isVersionHelpRequested()) {
      io.out().println("burhan " + version());
      return Command.DONE;
    }
    if (!(chosen.commandSpec().userObject() instanceof Command command)) {
      line.usage(io.err(), Ansi.OFF);
      return Command.USAGE;
    }
    Arguments arguments = arguments(chosen);
    try {
      requireAll(command, arguments);
      if (command.needsFramework() && !inFramework) {
        throw new UsageException("it runs in the OSGi framework only: add --osgi");
      }
      return command.run(arguments, io, opened);
    } catch (UsageException e) {
      throw new UsageException(e.getMessage() + "; see burhan " + command.name() + " --help", e);
    }
  }

  /** What the user gave, by option name without dashes. */
  private static Arguments arguments(ParseResult parsed) {
    Map<String, List<String>> values = new HashMap<>();
    for (var option : parsed.matchedOptionsSet()) {
      if (option.userObject() instanceof String name) {
        boolean flag = option.arity().max() == 0;
        values.put(name, flag ? List.of("") : option.stringValues());
      }
    }
    List<String> operands =
        parsed.matchedPositionals().stream()
            .map(PositionalParamSpec::stringValues)
            .flatMap(List::stream)
            .toList();
    return new Arguments(values, operands);
  }

  /**
   * Here and not by picocli, which would tell of a missing --model where the user wrote --modle.
   */
  private static void requireAll(Command command, Arguments arguments) {
    String missing =
        command.options().stream()
            .filter(option -> option.required() && !arguments.flag(option.name()))
            .map(option -> "--" + option.name() + " " + option.placeholder())
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      throw new UsageException("required and not given: " + missing);
    }
  }

  private static int fail(Throwable error, boolean verbose, Terminal io) {
    if (error instanceof PipeStream.Closed closed) {
      throw closed;
    }
    io.finish();
    io.err().println("burhan: " + describe(error, verbose));
    if (verbose) {
      error.printStackTrace(io.err());
    }
    return error instanceof UsageException ? Command.USAGE : Command.FAILED;
  }

  private static String describe(Throwable error, boolean verbose) {
    String message = error.getMessage();
    return switch (error) {
      case BurhanException _ -> message;
      case OutOfMemoryError _ ->
          "out of memory (" + message + "); BURHAN_JAVA_OPTS=-Xmx8g gives the Java heap 8 GB";
      case IOException _, UncheckedIOException _ -> "cannot read or write: " + error;
      default -> "unexpected error: " + error + (verbose ? "" : "; " + VERBOSE + " shows where");
    };
  }

  private static boolean isVerbose(String[] args) {
    List<String> words = Arrays.asList(args);
    int end = words.indexOf("--");
    return words.subList(0, end < 0 ? args.length : end).contains(VERBOSE);
  }

  private static String version() throws IOException {
    try (var stream = CommandRunner.class.getResourceAsStream("version")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }
}
