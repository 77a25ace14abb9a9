package dev.burhan.cli;

import java.util.List;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with a command line, in one line that says what to do. */
final class WrongUsage {
  private WrongUsage() {}

  static String message(ParameterException error) {
    CommandSpec spec = error.getCommandLine().getCommandSpec();
    String problem =
        switch (error) {
          case UnmatchedArgumentException unmatched -> unmatched(unmatched, spec);
          case MissingParameterException missing -> lowerCase(missing.getMessage());
          default -> lowerCase(error.getMessage());
        };
    return problem.replace("\n", " ") + "; see " + spec.qualifiedName() + " --help";
  }

  private static String unmatched(UnmatchedArgumentException error, CommandSpec spec) {
    String word = error.getUnmatched().getFirst();
    List<String> suggestions = error.getSuggestions();
    String hint = suggestions.isEmpty() ? "" : ", did you mean " + suggestions.getFirst() + "?";
    if (error.isUnknownOption()) {
      return "unknown option '" + word + "'" + hint;
    }
    if (spec.parent() != null) {
      return "unexpected word '" + word + "': " + spec.name() + " takes options only";
    }
    String commands = ", the commands are " + String.join(", ", spec.subcommands().keySet());
    return "unknown command '" + word + "'" + (hint.isEmpty() ? commands : hint);
  }

  /** picocli begins its messages with a capital, ours go on after "burhan: ". */
  private static String lowerCase(String message) {
    return Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }
}
