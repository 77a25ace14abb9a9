package dev.burhan.cli;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
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
          + suggestion(name, spec.optionsMap().keySet()).orElse("");
    }
    if (spec.parent() != null) {
      return "unexpected word '" + word + "': " + spec.name() + " takes options only";
    }
    Collection<String> commands = spec.subcommands().keySet();
    return "unknown command '"
        + word
        + "'"
        + suggestion(word, commands).orElse(", the commands are " + String.join(", ", commands));
  }

  private static Optional<String> suggestion(String word, Collection<String> names) {
    return names.stream()
        .min(Comparator.comparingInt(name -> distance(word, name)))
        .filter(name -> distance(word, name) <= 1 + name.length() / 4)
        .map(name -> ", did you mean " + name + "?");
  }

  /** Levenshtein's: how many letters to insert, delete or replace. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1]; // distances of a's first i letters to b's first j
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }

  /** picocli begins its messages with a capital, ours go on after "burhan: ". */
  private static String lowerCase(String message) {
    return Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }
}
