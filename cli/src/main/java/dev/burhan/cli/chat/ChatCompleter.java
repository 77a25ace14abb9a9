package dev.burhan.cli.chat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jline.builtins.Completers.FileNameCompleter;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/** Completes the commands and what may follow them; prose is left alone. */
final class ChatCompleter implements Completer {
  private final Map<SlashCommand, Supplier<List<String>>> values;
  private final Completer files = new FileNameCompleter();

  /**
   * Takes the values of commands that have some.
   *
   * @param values asked each time: a backend may come or go
   */
  ChatCompleter(Map<SlashCommand, Supplier<List<String>>> values) {
    this.values = Map.copyOf(values);
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    if (!line.line().startsWith("/")) {
      return;
    }
    if (line.wordIndex() == 0) {
      for (SlashCommand command : SlashCommand.values()) {
        candidates.add(
            new Candidate(command.word(), command.word(), null, command.help(), null, null, true));
      }
      return;
    }
    SlashCommand command = command(line.words().getFirst());
    if (command == null || line.wordIndex() > 1) {
      return;
    }
    values.getOrDefault(command, List::of).get().forEach(v -> candidates.add(new Candidate(v)));
    if (command == SlashCommand.SAVE || command == SlashCommand.LOAD) {
      files.complete(reader, line, candidates);
    }
  }

  private static SlashCommand command(String word) {
    for (SlashCommand command : SlashCommand.values()) {
      if (command.word().equals(word.toLowerCase(Locale.ROOT))) {
        return command;
      }
    }
    return null;
  }
}
