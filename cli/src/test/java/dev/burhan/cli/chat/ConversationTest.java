package dev.burhan.cli.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationTest {
  @TempDir Path temp;

  private static Conversation conversation() {
    var conversation = new Conversation();
    conversation.system("Be brief.");
    conversation.add(new Conversation.Turn("ما ٢+٢؟", "two and two\nmake four", "四"));
    conversation.add(new Conversation.Turn("Sure?", "", "Yes."));
    return conversation;
  }

  @Test
  void messagesHaveAllTurnsAndNoOldThought() {
    assertEquals(
        List.of(
            Map.of("role", "system", "content", "Be brief."),
            Map.of("role", "user", "content", "ما ٢+٢؟"),
            Map.of("role", "assistant", "content", "四"),
            Map.of("role", "user", "content", "Sure?"),
            Map.of("role", "assistant", "content", "Yes."),
            Map.of("role", "user", "content", "Really?")),
        conversation().messages("Really?"));
  }

  @Test
  void blankSystemPromptIsNone() {
    var conversation = conversation();
    conversation.system(" ");
    assertEquals("user", conversation.messages("x").getFirst().get("role"));
  }

  @Test
  void resetKeepsTheSystemPrompt() {
    var conversation = conversation();
    conversation.reset();
    assertEquals(2, conversation.messages("x").size());
  }

  @Test
  void markdownIsForReading() throws Exception {
    Path file = new Transcript().save(conversation(), "m", temp.resolve("a.md").toString());
    assertEquals(
        """
        # Chat with m

        ## System

        Be brief.

        ## Question

        ما ٢+٢؟

        ## Thought

        > two and two
        > make four

        ## Answer

        四

        ## Question

        Sure?

        ## Answer

        Yes.
        """,
        Files.readString(file));
  }

  @Test
  void jsonIsReadBackAsItWas() {
    var transcript = new Transcript();
    String file = temp.resolve("a.JSON").toString();
    transcript.save(conversation(), "m", file);
    Conversation read = transcript.load(file);
    assertEquals(conversation().turns(), read.turns());
    assertEquals(conversation().system(), read.system());
  }

  @Test
  void fileOfSomebodyElseIsNotWrittenOver() throws Exception {
    Path file = Files.writeString(temp.resolve("mine.md"), "dear diary");
    var transcript = new Transcript();
    assertThrows(UsageException.class, () -> transcript.save(conversation(), "m", file.toString()));
    assertEquals("dear diary", Files.readString(file));
  }

  @Test
  void ownFileIsWrittenOver() throws Exception {
    var transcript = new Transcript();
    String file = temp.resolve("a.md").toString();
    transcript.save(conversation(), "m", file);
    var conversation = conversation();
    conversation.add(new Conversation.Turn("And now?", "", "Bye."));
    transcript.save(conversation, "m", file);
    assertTrue(Files.readString(Path.of(file)).contains("And now?"));
  }

  @Test
  void otherEndingsAndOtherFilesAreRefused() throws Exception {
    var transcript = new Transcript();
    assertThrows(UsageException.class, () -> transcript.save(conversation(), "m", "a.txt"));
    for (String text :
        List.of(
            "",
            "{",
            "{}",
            "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\"}]}",
            "{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}")) {
      Path file = Files.writeString(temp.resolve("broken.json"), text);
      var error = assertThrows(BurhanException.class, () -> transcript.load(file.toString()));
      assertEquals(1, error.getMessage().lines().count(), error.getMessage());
      assertTrue(error.getMessage().contains("broken.json"), error.getMessage());
    }
  }
}
