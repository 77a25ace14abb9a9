package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code burhan chat} as a person meets it. */
class ChatTest {
  private static final String PROMPT = "> \u001b[0m";

  @TempDir Path temp;

  private static Path burhan() {
    return Places.distribution().resolve("bin/burhan");
  }

  private Map<String, String> environment() {
    return Map.of("BURHAN_CACHE", temp.resolve("cache").toString());
  }

  private Pty chat(Path model, Object... more) throws Exception {
    var command =
        new ArrayList<Object>(
            List.of(burhan(), "chat", "--model", model, "--temperature", "0", "--context", "1024"));
    command.addAll(List.of(more));
    return Pty.start(temp, environment(), command.toArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--verbose", "--osgi"})
  void asksIsStoppedAndGoesOn(String mode) throws Exception {
    try (Pty chat = chat(Needs.smolLm2(), mode)) {
      chat.expect(PROMPT);
      chat.type("What is the capital of France?" + Pty.ENTER).expect("Paris");
      chat.expect(PROMPT);
      chat.type("Tell a very long story about the sea." + Pty.ENTER).expect("sea.\r\r\n");
      chat.expect(" the "); // it goes on for long
      chat.type(Pty.CTRL_C).expect("stopped");
      chat.expect(PROMPT);
      chat.type("/stats" + Pty.ENTER).expect("2 turns asked, 2 of them kept");
      chat.expect(PROMPT);
      chat.type("half a li" + Pty.CTRL_C).expect("Ctrl-C once more leaves");
      chat.expect(PROMPT);
      chat.type(Pty.CTRL_D).endsWith(0);
      assertFalse(chat.all().contains("half a li\r\n\u001b"), "a cleared line was said");
    }
  }

  @Test
  void everyScriptIsEditedSavedAndRemembered() throws Exception {
    Path saved = temp.resolve("chat.json");
    try (Pty chat = chat(Needs.smolLm2(), "--max-tokens", "32")) {
      chat.expect(PROMPT);
      chat.type("ما عاصمة فرنسا؟").expect("ما عاصمة فرنسا؟");
      chat.type("\\" + Pty.ENTER).expect("… ");
      chat.type("你好世界").expect("你好世界");
      chat.type(Pty.LEFT + Pty.LEFT + "大").expect("大");
      chat.type(Pty.ENTER).expect(PROMPT);
      chat.type("/sav" + Pty.TAB).expect("/save");
      chat.type("chat.json" + Pty.ENTER).expect("saved " + saved);
      chat.expect(PROMPT);
      chat.type("\u001b[200~one\ntwo\u001b[201~" + Pty.ENTER).expect(PROMPT); // a paste
      chat.type("/save chat.md" + Pty.ENTER).expect("saved ");
      chat.expect(PROMPT);
      chat.type(Pty.CTRL_C).expect("once more");
      chat.expect(PROMPT);
      chat.type(Pty.CTRL_C).endsWith(0);
    }
    var messages = new JsonMapper().readTree(saved.toFile()).get("messages");
    assertEquals("ما عاصمة فرنسا؟\n你好大世界", messages.get(0).get("content").asText());
    assertEquals("assistant", messages.get(1).get("role").asText());
    assertTrue(Files.readString(temp.resolve("chat.md")).contains("## Question\n\none\ntwo\n"));
    Path history = temp.resolve("cache/chat-history");
    assertTrue(Files.readString(history).contains("/save chat.md"), Files.readString(history));
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(history)));
  }

  @Test
  void thoughtIsFoldedAndShownWhenAskedFor() throws Exception {
    Path model = Places.tinyR1();
    try (Pty chat = chat(model, "--verbose")) {
      chat.expect(PROMPT);
      chat.type("What is 975318 * 86420?" + Pty.ENTER).expect("thinking… ");
      chat.type(Pty.CTRL_C).expect("thought for ");
      chat.expect("the question is not kept");
      chat.expect(PROMPT);
      chat.type("/think" + Pty.ENTER).expect("/think\r\r\n");
      String thought = chat.expect(PROMPT);
      assertTrue(thought.chars().filter(Character::isDigit).count() > 10, thought);
      chat.type("/quit" + Pty.ENTER).endsWith(0);
    }
  }

  @Test
  void modelAndBackendAreExchangedWithinAConversation() throws Exception {
    try (Pty chat = chat(Needs.smolLm2(), "--no-history", "--max-tokens", "32")) {
      chat.expect(PROMPT);
      chat.type("/model smolm2" + Pty.ENTER).expect("there is no model 'smolm2'");
      chat.expect(PROMPT);
      chat.type("/backend oracle" + Pty.ENTER).expect("on oracle, context 1024 tokens");
      chat.expect(PROMPT);
      chat.type("/backend nosuch" + Pty.ENTER).expect("nosuch");
      chat.expect(PROMPT);
      chat.type("/stats" + Pty.ENTER).expect("on oracle");
      chat.expect(PROMPT);
      chat.type(Pty.CTRL_D).endsWith(0);
    }
    assertFalse(Files.exists(temp.resolve("cache/chat-history")));
  }

  @Test
  void terminalIsRestoredWhenASignalEndsIt() throws Exception {
    try (Pty chat = chat(Needs.smolLm2(), "--verbose")) {
      chat.expect(PROMPT);
      chat.command().destroy();
      chat.endsWith(143);
      assertTrue(chat.all().contains("\u001b[?2004l"), "bracketed paste is still on");
    }
  }

  @Test
  void dumbTerminalGetsNoEscapes() throws Exception {
    try (Pty chat =
        Pty.start(
            temp,
            Map.of("TERM", "dumb"),
            burhan(),
            "chat",
            "--model",
            Needs.smolLm2(),
            "--temperature",
            "0")) {
      chat.expect("> ");
      chat.type("What is the capital of France?\n").expect("Paris");
      chat.expect("> ");
      chat.type(Pty.CTRL_D).endsWith(0);
      assertFalse(chat.all().contains("\u001b"), chat.all());
    }
  }

  @Test
  void pipedLinesAreAnsweredOneByOne() throws Exception {
    Path questions =
        Files.writeString(
            temp.resolve("questions"),
            "What is the capital of France?\n/save\n/save saved.md\n",
            StandardCharsets.UTF_8);
    Process process = piped(questions);
    int code = process.waitFor();
    String out = Files.readString(temp.resolve("out"));
    assertEquals(1, code, "a command of the input was wrong");
    assertTrue(out.contains("Paris") && !out.contains("\u001b") && !out.contains("> "), out);
    String err = Files.readString(temp.resolve("err"));
    assertTrue(err.contains("/save needs FILE") && !err.contains("\u001b"), err);
    assertTrue(Files.readString(temp.resolve("saved.md")).contains("Paris"));
  }

  private Process piped(Path questions) throws IOException {
    var builder =
        new ProcessBuilder(
                burhan().toString(),
                "chat",
                "--model",
                Needs.smolLm2().toString(),
                "--temperature",
                "0",
                "--activations",
                "f32",
                "--max-tokens",
                "24")
            .directory(temp.toFile())
            .redirectInput(questions.toFile())
            .redirectOutput(temp.resolve("out").toFile())
            .redirectError(temp.resolve("err").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder.start();
  }
}
