package dev.burhan.cli.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Conversations in files: Markdown to read, JSON in the shape of OpenAI's messages to go on. */
final class Transcript {
  private static final String CONTENT = "content";
  private static final String THOUGHT = "reasoning_content";

  private final JsonMapper json = new JsonMapper();
  private final Set<Path> written = new HashSet<>();

  /**
   * Writes the conversation to a file that is not there yet, or that this chat wrote.
   *
   * @return the file
   */
  Path save(Conversation conversation, String model, String name) {
    Path file = path(name);
    String ending = name.toLowerCase(Locale.ROOT);
    String text;
    if (ending.endsWith(".json")) {
      text = json(conversation, model);
    } else if (ending.endsWith(".md")) {
      text = markdown(conversation, model);
    } else {
      throw new UsageException("a conversation is saved as .md or .json, found '" + name + "'");
    }
    if (Files.exists(file) && !written.contains(file)) {
      throw new UsageException(
          file + " is there already and not from this chat; name another file");
    }
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new BurhanException("cannot write " + file + ": " + e, e);
    }
    written.add(file);
    return file;
  }

  private static Path path(String name) {
    try {
      return name.startsWith("~/")
          ? Path.of(System.getProperty("user.home"), name.substring(2))
          : Path.of(name).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw new UsageException("'" + name + "' is no name for a file: " + e.getReason(), e);
    }
  }

  private static String markdown(Conversation conversation, String model) {
    var text = new StringBuilder("# Chat with " + model + "\n");
    conversation.system().ifPresent(system -> section(text, "System", system));
    for (Conversation.Turn turn : conversation.turns()) {
      section(text, "Question", turn.question());
      if (!turn.thought().isEmpty()) {
        section(text, "Thought", turn.thought().lines().map(line -> "> " + line).toList());
      }
      section(text, "Answer", turn.answer());
    }
    return text.toString();
  }

  private static void section(StringBuilder text, String title, Iterable<String> lines) {
    section(text, title, String.join("\n", lines));
  }

  private static void section(StringBuilder text, String title, String body) {
    text.append("\n## ").append(title).append("\n\n").append(body).append('\n');
  }

  private String json(Conversation conversation, String model) {
    ObjectNode root = json.createObjectNode();
    root.put("model", model);
    ArrayNode messages = root.putArray("messages");
    conversation.system().ifPresent(text -> message(messages, "system", text));
    for (Conversation.Turn turn : conversation.turns()) {
      message(messages, "user", turn.question());
      ObjectNode answer = message(messages, "assistant", turn.answer());
      if (!turn.thought().isEmpty()) {
        answer.put(THOUGHT, turn.thought());
      }
    }
    return root.toPrettyString() + "\n";
  }

  private static ObjectNode message(ArrayNode messages, String role, String content) {
    return messages.addObject().put("role", role).put(CONTENT, content);
  }

  /** Reads what {@link #save} wrote as JSON. */
  Conversation load(String name) {
    Path file = path(name);
    JsonNode messages;
    try {
      messages = json.readTree(Files.readString(file)).path("messages");
    } catch (IOException e) {
      throw new BurhanException("cannot read a conversation from " + file + ": " + brief(e), e);
    }
    var conversation = new Conversation();
    String question = null;
    for (JsonNode message : messages) {
      String content = message.path(CONTENT).asText();
      switch (message.path("role").asText()) {
        case "system" -> conversation.system(content);
        case "user" -> question = content;
        case "assistant" -> {
          if (question == null) {
            throw unexpected(file, "an answer without a question");
          }
          conversation.add(
              new Conversation.Turn(question, message.path(THOUGHT).asText(), content));
          question = null;
        }
        default -> throw unexpected(file, "the role '" + message.path("role").asText() + "'");
      }
    }
    if (conversation.turns().isEmpty()) {
      throw unexpected(file, "no question with an answer");
    }
    return conversation;
  }

  private static BurhanException unexpected(Path file, String what) {
    return new BurhanException(
        file
            + ": expected messages of system, user and assistant as /save writes them, found "
            + what);
  }

  /** Jackson's messages have a second line with the place in the source. */
  private static String brief(IOException error) {
    return error.toString().lines().findFirst().orElse("");
  }
}
