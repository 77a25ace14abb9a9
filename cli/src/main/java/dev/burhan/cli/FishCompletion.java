package dev.burhan.cli;

import dev.burhan.command.Command;
import dev.burhan.command.Option;
import java.util.List;
import java.util.function.Function;

/** A script of completions for fish, which picocli does not write. */
final class FishCompletion {
  private FishCompletion() {}

  static String script(List<Command> commands, Function<Option, List<String>> values) {
    var script = new StringBuilder("# Completions of burhan for fish.\n");
    for (Command command : commands) {
      script.append(
          "complete -c burhan -f -n __fish_use_subcommand -a %s -d %s\n"
              .formatted(command.name(), quoted(command.summary())));
    }
    for (Command command : commands) {
      String within = quoted("__fish_seen_subcommand_from " + command.name());
      for (Option option : command.options()) {
        script.append("complete -c burhan -n ").append(within);
        script.append(" -l ").append(option.name());
        if (!option.letter().isEmpty()) {
          script.append(" -s ").append(option.letter());
        }
        script.append(" -d ").append(quoted(option.description()));
        script.append(value(option, values.apply(option))).append('\n');
      }
    }
    for (String[] common :
        new String[][] {
          {"help", "Show help."},
          {"osgi", "Run in the OSGi framework."},
          {"verbose", "Show the stack trace of an error."}
        }) {
      script.append("complete -c burhan -l %s -d %s\n".formatted(common[0], quoted(common[1])));
    }
    return script.toString();
  }

  /** Files are offered beside names of models, and where an option takes a path. */
  private static String value(Option option, List<String> known) {
    if (option.kind() == Option.Kind.FLAG) {
      return "";
    }
    String names = known.isEmpty() ? "" : " -a " + quoted(String.join(" ", known));
    return takesFiles(option) ? " -r -F" + names : " -x" + names;
  }

  static boolean takesFiles(Option option) {
    return option.kind() == Option.Kind.PATH || option.name().equals("model");
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
