package dev.burhan.cli.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was said so far. A question is part of it only together with its answer. */
final class Conversation {

  /**
   * A question and its answer.
   *
   * @param thought what the model thought first; empty if nothing
   */
  record Turn(String question, String thought, String answer) {}

  private final List<Turn> turns = new ArrayList<>();
  private Optional<String> system = Optional.empty();

  Optional<String> system() {
    return system;
  }

  void system(String text) {
    system = text.isBlank() ? Optional.empty() : Optional.of(text);
  }

  List<Turn> turns() {
    return List.copyOf(turns);
  }

  void add(Turn turn) {
    turns.add(turn);
  }

  /** Forgets the turns; the system prompt stays. */
  void reset() {
    turns.clear();
  }

  void replaceBy(Conversation other) {
    system = other.system;
    turns.clear();
    turns.addAll(other.turns);
  }

  /**
   * The messages for a chat template. Thoughts of old turns are left out, as R1's own template does
   * it: the model was trained so, and they would fill the context.
   */
  List<Map<String, Object>> messages(String question) {
    List<Map<String, Object>> messages = new ArrayList<>();
    system.ifPresent(text -> messages.add(message("system", text)));
    for (Turn turn : turns) {
      messages.add(message("user", turn.question()));
      messages.add(message("assistant", turn.answer()));
    }
    messages.add(message("user", question));
    return messages;
  }

  private static Map<String, Object> message(String role, String content) {
    Map<String, Object> message = new LinkedHashMap<>(); // templates may print it: keep the order
    message.put("role", role);
    message.put("content", content);
    return message;
  }
}
