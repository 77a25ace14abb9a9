package dev.burhan.cli;

import java.util.Collection;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with a command line, in one line that says what to do. */
final class WrongUsage {
  private WrongUsage() {}

  static String message(ParameterException error) {
    CommandSpec spec = error.getCommandLine().getCommandSpec();
    String problem =
        error instanceof UnmatchedArgumentException unmatched
            ? unmatched(unmatched, spec)
            : lowerCase(error.getMessage()).replace("\n", " ");
    return problem + "; see " + spec.qualifiedName() + " --help";
  }

  private static String unmatched(UnmatchedArgumentException error, CommandSpec spec) {
    String word = error.getUnmatched().getFirst();
    if (error.isUnknownOption()) {
      String name = word.replaceFirst("=.*", "");
      return "unknown option '"
          + name
          + "'"
          + Suggestion.of(name, spec.optionsMap().keySet()).orElse("");
    }
    if (spec.parent() != null) {
      return "unexpected word '" + word + "': " + spec.name() + " takes options only";
    }
    Collection<String> commands = spec.subcommands().keySet();
    return "unknown command '"
        + word
        + "'"
        + Suggestion.of(word, commands).orElse(", the commands are " + String.join(", ", commands));
  }

  /** picocli begins its messages with a capital, ours go on after "burhan: ". */
  private static String lowerCase(String message) {
    return Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }
}
