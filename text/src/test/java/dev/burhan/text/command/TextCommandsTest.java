package dev.burhan.text.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import dev.burhan.text.TemplateException;
import dev.burhan.text.support.FolderHost;
import dev.burhan.text.support.TinyTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextCommandsTest {
  private static final String TEMPLATE =
      "{% for m in messages %}{% if m.role == 'bad' %}{{ raise_exception('bad role') }}{% endif %}[{{ m.role }}]{{ m.content }}\\n"
          + "{% endfor %}{{ tools|length if tools else 0 }}{% if add_generation_prompt %}[assistant]{% endif %}{{ extra }}";

  @TempDir Path folder;

  @BeforeEach
  void model() {
    TinyTokenizer.write(folder, "tokenizer.json", TinyTokenizer.json());
    TinyTokenizer.write(
        folder, "tokenizer_config.json", "{\"chat_template\": \"" + TEMPLATE + "\"}");
  }

  private String run(Command command, String... options) throws Exception {
    var io = new FolderHost.Io(false);
    assertEquals(Command.DONE, command.run(arguments(options), io, new FolderHost()));
    return io.written();
  }

  private Arguments arguments(String... options) {
    Map<String, List<String>> values = new HashMap<>(Map.of("model", List.of(folder.toString())));
    for (String option : options) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      values
          .computeIfAbsent(name, n -> new ArrayList<>())
          .add(equals < 0 ? "" : option.substring(equals + 1));
    }
    return new Arguments(values, List.of());
  }

  private String file(String name, String text) {
    TinyTokenizer.write(folder, name, text);
    return folder.resolve(name).toString();
  }

  @Test
  void tokenizeShowsIdsAndPieces() throws Exception {
    assertEquals(
        "{\"ids\":[261,260,300],\"pieces\":[\"hello\",\"\u0120w\",\"<end>\"]}\n",
        run(new TokenizeCommand(), "text=hello w<end>", "json"));
    assertEquals(
        "{\"ids\":[300,261,300],\"pieces\":[\"<end>\",\"hello\",\"<end>\"]}\n",
        run(new TokenizeCommand(), "text=hello", "json", "add-special"));
    assertEquals("261,260\n", run(new TokenizeCommand(), "text=hello w"));
  }

  @Test
  void tokenizeReadsFilesAndBatches() throws Exception {
    String text = file("text.txt", "lo\n");
    assertEquals(
        "{\"ids\":[262,10],\"pieces\":[\"lo\",\"\u010A\"]}\n",
        run(new TokenizeCommand(), "file=" + text, "json"));
    String batch = file("batch.json", "[\"he\", \"\", \"\\u0000\"]");
    assertEquals(
        "[{\"ids\":[256],\"pieces\":[\"he\"]},{\"ids\":[],\"pieces\":[]},{\"ids\":[0],\"pieces\":[\"\u0100\"]}]\n",
        run(new TokenizeCommand(), "batch=" + batch, "json"));
  }

  @Test
  void detokenizeGivesTheTextAsItIs() throws Exception {
    assertEquals("hello w<end>", run(new DetokenizeCommand(), "ids=261, 260,300"));
    assertEquals("hello w", run(new DetokenizeCommand(), "ids=261,260,300", "skip-special"));
    assertEquals("{\"text\":\"hello\"}\n", run(new DetokenizeCommand(), "ids=261", "json"));
    assertEquals("", run(new DetokenizeCommand(), "ids="));
    assertThrows(UsageException.class, () -> run(new DetokenizeCommand(), "ids=1,x"));
    assertThrows(UsageException.class, () -> run(new DetokenizeCommand(), "ids=999"));
  }

  @Test
  void aLineEndIsAddedOnATerminalOnly() throws Exception {
    var terminal = new FolderHost.Io(true);
    new DetokenizeCommand().run(arguments("ids=261"), terminal, new FolderHost());
    assertEquals("hello\n", terminal.written());
  }

  @Test
  void renderPrintsThePromptExactly() throws Exception {
    String messages = file("messages.json", "[{\"role\": \"user\", \"content\": \"Hi\"}]");
    assertEquals("[user]Hi\n0[assistant]", run(new RenderCommand(), "messages=" + messages));
    assertEquals(
        "[user]Hi\n0", run(new RenderCommand(), "messages=" + messages, "no-generation-prompt"));
    String tools = file("tools.json", "[{\"type\": \"function\"}]");
    assertEquals(
        "[user]Hi\n1[assistant]",
        run(new RenderCommand(), "messages=" + messages, "tools=" + tools));
    assertEquals(
        "{\"text\":\"[user]Hi\\n0[assistant]\"}\n",
        run(new RenderCommand(), "messages=" + messages, "json"));
  }

  @Test
  void aBatchAnswersTextsAndTheTemplatesOwnErrors() throws Exception {
    String batch =
        file(
            "batch.json",
            """
            [{"messages": [{"role": "user", "content": "a"}], "options": {"add_generation_prompt": false, "extra": "!"}},
             {"messages": [{"role": "bad", "content": "a"}]},
             {"messages": [], "tools": [{}, {}], "options": null}]
            """);
    assertEquals(
        "[{\"text\":\"[user]a\\n0!\"},{\"error\":\"bad role\"},{\"text\":\"2[assistant]\"}]\n",
        run(new RenderCommand(), "batch=" + batch, "json"));
  }

  @Test
  void aTemplateThatRaisesFailsASingleRender() {
    String messages = file("messages.json", "[{\"role\": \"bad\", \"content\": \"Hi\"}]");
    assertThrows(TemplateException.class, () -> run(new RenderCommand(), "messages=" + messages));
  }

  @Test
  void wrongUsageSaysWhatIsExpected() {
    assertThrows(UsageException.class, () -> run(new TokenizeCommand()));
    assertThrows(UsageException.class, () -> run(new TokenizeCommand(), "text=a", "file=b"));
    assertThrows(UsageException.class, () -> run(new RenderCommand()));
    assertThrows(UsageException.class, () -> run(new RenderCommand(), "messages=a", "batch=b"));
    assertThrows(UsageException.class, () -> run(new RenderCommand(), "batch=b", "tools=c"));
  }

  @Test
  void badFilesAreErrorsThatNameFileAndPlace() {
    fails("batch=" + file("a.json", "[\"x\",\n oops]"), "a.json", "line 2");
    fails("batch=" + file("b.json", "[\"x\"] 1"), "b.json", "follows");
    fails("batch=" + file("c.json", "{}"), "c.json", "an array");
    fails("batch=" + file("d.json", "[\"x\", 1]"), "d.json: [1]", "a string");
    fails("batch=" + folder.resolve("none.json"), "none.json", "no such file");
    fails("batch=" + file("e.json", ""), "e.json", "empty");
    failsToRender("batch=" + file("f.json", "[{}]"), "f.json: [0].messages", "an array");
    failsToRender(
        "batch=" + file("g.json", "[{\"messages\": [1]}]"), "g.json: [0].messages[0]", "an object");
    failsToRender("messages=" + file("h.json", "{\"role\": \"user\"}"), "h.json", "an array");
  }

  private void fails(String option, String... named) {
    check(new TokenizeCommand(), option, named);
  }

  private void failsToRender(String option, String... named) {
    check(new RenderCommand(), option, named);
  }

  private void check(Command command, String option, String... named) {
    var error = assertThrows(BurhanException.class, () -> run(command, option));
    for (String part : named) {
      assertTrue(error.getMessage().contains(part), error.getMessage());
    }
  }

  @Test
  void aModelWithoutATemplateSaysSo() {
    TinyTokenizer.write(folder, "tokenizer_config.json", "{}");
    String messages = file("messages.json", "[]");
    var error =
        assertThrows(BurhanException.class, () -> run(new RenderCommand(), "messages=" + messages));
    assertTrue(error.getMessage().contains("no chat template"), error.getMessage());
  }

  @Test
  void bytesThatAreNoTextAreNamedByTheirOffset() throws Exception {
    Path file = folder.resolve("latin1.txt");
    java.nio.file.Files.write(file, new byte[] {'a', 'b', (byte) 0xE9, 'c'});
    var error =
        assertThrows(BurhanException.class, () -> run(new TokenizeCommand(), "file=" + file));
    assertTrue(error.getMessage().contains("offset 2"), error.getMessage());
  }
}
