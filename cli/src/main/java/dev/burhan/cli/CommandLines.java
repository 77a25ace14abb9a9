package dev.burhan.cli;

import dev.burhan.command.Command;
import dev.burhan.command.Option;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Makes picocli's command line from the commands' data. */
final class CommandLines {
  private static final int WIDTH = 100;

  private CommandLines() {}

  static CommandLine root(List<Command> commands) {
    return root(commands, option -> List.of());
  }

  /**
   * The same with what shells offer for options.
   *
   * @param values an option's values; empty if they can't be known
   */
  static CommandLine root(List<Command> commands, Function<Option, List<String>> values) {
    CommandSpec root = CommandSpec.create().name("burhan");
    root.usageMessage()
        .width(WIDTH)
        .customSynopsis("burhan COMMAND [OPTION]... [OPERAND]...")
        .description("Runs reasoning models on the JVM.")
        .commandListHeading("%nCommands:%n")
        .optionListHeading("%nOptions:%n")
        .footer(
            "",
            "Example:",
            "  burhan run --model smollm2 \"What is the capital of France?\"",
            "",
            "burhan COMMAND --help tells more about a command.",
            "Exit codes: 0 done, 1 failed, 2 wrong usage.");
    addCommonOptions(root);
    root.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .description("Print the version.")
            .build());
    for (Command command : commands) {
      if (!root.subcommands().containsKey(command.name())) { // the best provider of a name is first
        root.addSubcommand(command.name(), spec(command, values));
      }
    }
    return new CommandLine(root)
        .setExpandAtFiles(false) // an @ in a prompt is an @
        .setInterpolateVariables(false)
        .setTrimQuotes(false)
        .setOverwrittenOptionsAllowed(true)
        .setUsageHelpWidth(WIDTH);
  }

  private static CommandSpec spec(Command command, Function<Option, List<String>> values) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(command.name());
    spec.usageMessage()
        .width(WIDTH)
        .sortOptions(false)
        .abbreviateSynopsis(true)
        .description(escape(command.summary()))
        .optionListHeading("%nOptions:%n")
        .footer(footer(command.examples()));
    command.options().stream()
        .map(option -> spec(option, values.apply(option)))
        .forEach(spec::addOption);
    command
        .operand()
        .ifPresent(
            name ->
                spec.addPositional(
                    PositionalParamSpec.builder()
                        .index("0..*")
                        .arity("0..*")
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .paramLabel(name)
                        .hideParamSyntax(true)
                        .hidden(true) // it stands in the synopsis; there is nothing more to say
                        .build()));
    command
        .operand()
        .ifPresent(name -> spec.usageMessage().customSynopsis(synopsis(command, name)));
    addCommonOptions(spec);
    return spec;
  }

  private static String synopsis(Command command, String operand) {
    return "burhan " + command.name() + " [OPTION]... [" + operand + "]";
  }

  private static OptionSpec spec(Option option, List<String> values) {
    var builder =
        OptionSpec.builder(names(option))
            .userObject(option.name())
            .description(description(option));
    if (option.kind() == Option.Kind.FLAG) {
      return builder.type(boolean.class).arity("0").build();
    }
    if (!values.isEmpty()) {
      builder.completionCandidates(values);
    }
    // A list, although most are given once: the command sees all and takes the last.
    return builder
        .type(List.class)
        .auxiliaryTypes(option.kind() == Option.Kind.PATH ? Path.class : String.class)
        .arity("1")
        .paramLabel(option.placeholder())
        .build();
  }

  private static String[] names(Option option) {
    String name = "--" + option.name();
    return option.letter().isEmpty()
        ? new String[] {name}
        : new String[] {"-" + option.letter(), name};
  }

  private static String description(Option option) {
    String text = option.description();
    if (option.required()) {
      text += " Required.";
    }
    if (option.kind() == Option.Kind.REPEATABLE_TEXT) {
      text += " May be given several times.";
    }
    return escape(text + option.otherwise().map(value -> " Default: " + value + ".").orElse(""));
  }

  private static void addCommonOptions(CommandSpec spec) {
    spec.addOption(
        OptionSpec.builder("--osgi")
            .description("Run in the OSGi framework, not on a flat class path.")
            .build());
    spec.addOption(
        OptionSpec.builder("--verbose").description("Show the stack trace of an error.").build());
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
  }

  private static String[] footer(List<String> examples) {
    var lines = new ArrayList<String>();
    if (!examples.isEmpty()) {
      lines.add("");
      lines.add(examples.size() == 1 ? "Example:" : "Examples:");
      examples.forEach(example -> lines.add("  " + escape(example)));
    }
    return lines.toArray(String[]::new);
  }

  /** picocli formats each text with String.format. */
  private static String escape(String text) {
    return text.replace("%", "%%");
  }
}
