package dev.burhan.cli.chat;

import dev.burhan.cli.Suggestion;
import dev.burhan.provider.UsageException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be asked of the chat itself. */
enum SlashCommand {
  HELP("", "show this help"),
  SYSTEM("[TEXT]", "set the system prompt; \"\" removes it, nothing shows it"),
  MODEL("[M]", "go on with another model; nothing shows which it is"),
  BACKEND("[NAME]", "go on with another backend; nothing shows which it is"),
  SEED("[N]", "one seed gives one answer; \"random\" takes a new one each time"),
  TEMPERATURE("[T]", "0 takes the likeliest token; \"default\" is the model's recommendation"),
  THINK("[show|fold]", "show the last thought whole; show thoughts from now on, or fold them"),
  BUDGET("[N]", "most tokens of a thought, 0 for none; \"none\" sets no limit"),
  VOTES("[N]", "generate N answers, and give the one that most agree with"),
  VERIFY("[on|off]", "have the model check its answer, and try again if it is wrong"),
  STATS("", "show tokens, times and settings"),
  SAVE("FILE", "write the conversation to FILE, as its ending says: .md or .json"),
  LOAD("FILE", "go on with a conversation saved as .json"),
  RESET("", "forget the conversation; the system prompt stays"),
  QUIT("", "leave, as Ctrl-D does");

  /** A command as it was typed, with what follows it. */
  record Call(SlashCommand command, String argument) {}

  private final String argument;
  private final String help;

  SlashCommand(String argument, String help) {
    this.argument = argument;
    this.help = help;
  }

  String word() {
    return "/" + name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a line.
   *
   * @return empty if the line is for the model
   * @throws UsageException for a command that there is not, or one without what it needs
   */
  static Optional<Call> parse(String line) {
    String text = line.strip();
    if (!text.startsWith("/") || text.startsWith("//")) {
      return Optional.empty();
    }
    String[] parts = text.split("\\s+", 2);
    String argument = parts.length > 1 ? parts[1].strip() : "";
    SlashCommand command =
        Arrays.stream(values())
            .filter(candidate -> candidate.word().equals(parts[0].toLowerCase(Locale.ROOT)))
            .findFirst()
            .orElseThrow(() -> unknown(parts[0]));
    if (argument.isEmpty() && !command.argument.isEmpty() && !command.argument.startsWith("[")) {
      throw new UsageException(command.word() + " needs " + command.argument);
    }
    if (!argument.isEmpty() && command.argument.isEmpty()) {
      throw new UsageException(command.word() + " takes nothing, found '" + argument + "'");
    }
    return Optional.of(new Call(command, argument));
  }

  /** What the model is to be told: a line that begins with two slashes begins with one. */
  static String forModel(String line) {
    return line.stripLeading().startsWith("//") ? line.stripLeading().substring(1) : line;
  }

  private static UsageException unknown(String word) {
    return new UsageException(
        "there is no "
            + word
            + Suggestion.of(word, words()).orElse("")
            + "; /help lists the commands, and what begins with // is said to the model");
  }

  static List<String> words() {
    return Arrays.stream(values()).map(SlashCommand::word).toList();
  }

  static List<String> helpLines() {
    return Arrays.stream(values())
        .map(
            command ->
                "  %-20s %s".formatted(command.word() + " " + command.argument, command.help))
        .toList();
  }

  String help() {
    return help;
  }
}
