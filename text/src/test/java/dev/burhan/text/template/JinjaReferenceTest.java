package dev.burhan.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.burhan.text.ChatPrompt;
import dev.burhan.text.TemplateException;
import dev.burhan.text.format.Json;
import dev.burhan.text.support.TestFiles;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Small templates against what Jinja itself makes of them: see src/test/python/jinja_reference.py.
 */
class JinjaReferenceTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-04T09:05:07.123456Z"), ZoneOffset.UTC);

  @TestFactory
  Stream<DynamicTest> theLanguageIsJinjas() throws IOException {
    Map<String, Object> reference;
    try (var resource = JinjaReferenceTest.class.getResourceAsStream("jinja_reference.json")) {
      reference = TestFiles.map(Json.read(resource.readAllBytes()));
    }
    var variables = new LinkedHashMap<String, Object>(TestFiles.map(reference.get("variables")));
    List<Map<String, Object>> messages = TestFiles.maps(variables.remove("messages"));
    var prompt = new ChatPrompt(messages, null, variables);
    return TestFiles.maps(reference.get("cases")).stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.get("group") + ": " + one.get("template"), () -> check(one, prompt)));
  }

  private static void check(Map<String, Object> one, ChatPrompt prompt) {
    var format = new JinjaChatFormat("test", (String) one.get("template"), null, Map.of(), CLOCK);
    if (one.containsKey("error")) {
      assertThrows(
          TemplateException.class,
          () -> format.render(prompt),
          () -> "expected " + one.get("error"));
    } else {
      assertEquals(one.get("text"), format.render(prompt));
    }
  }
}
