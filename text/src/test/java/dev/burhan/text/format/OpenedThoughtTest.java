package dev.burhan.text.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.support.MetadataCheckpoint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenedThoughtTest {
  private static final String TURNS =
      "{{ bos }}{% for m in messages %}{% if m.role == 'user' %}<｜User｜>{{ m.content }}"
          + "{% else %}<｜Assistant｜>{{ m.content%s }}<eos>{% endif %}{% endfor %}";
  private static final String ASK = "{% if add_generation_prompt %}<｜Assistant｜>%s{% endif %}";
  private static final String THINKS = ".split('</think>')[-1]";

  private static ChatFormat format(String template) {
    return new CheckpointText()
        .chatFormat(new MetadataCheckpoint(Map.of("tokenizer.chat_template", template)))
        .orElseThrow();
  }

  private static String template(String thinks, String opens) {
    return TURNS.replace("%s", thinks) + ASK.replace("%s", opens);
  }

  @Test
  void anOlderTemplateOfAThinkingModelGetsItsThoughtOpened() {
    assertEquals(
        "<｜User｜>Hi<｜Assistant｜><think>\n",
        format(template(THINKS, "")).render(ChatPrompt.user("Hi")));
  }

  @Test
  void aTemplateThatOpensOrClosesItItselfIsLeftAlone() {
    for (String opens : List.of("<think>\n", "<think>", "</think>")) {
      assertEquals(
          "<｜User｜>Hi<｜Assistant｜>" + opens,
          format(template(THINKS, opens)).render(ChatPrompt.user("Hi")));
    }
  }

  @Test
  void aModelThatDoesNotThinkIsLeftAlone() {
    assertEquals("<｜User｜>Hi<｜Assistant｜>", format(template("", "")).render(ChatPrompt.user("Hi")));
  }

  @Test
  void nothingIsOpenedWhereNoAnswerIsAskedForOrNoThought() {
    List<Map<String, Object>> messages = List.of(Map.of("role", "user", "content", "Hi"));
    ChatFormat format = format(template(THINKS, ""));
    assertEquals(
        "<｜User｜>Hi",
        format.render(new ChatPrompt(messages, null, Map.of("add_generation_prompt", false))));
    assertEquals(
        "<｜User｜>Hi<｜Assistant｜>",
        format.render(
            new ChatPrompt(
                messages, null, Map.of("add_generation_prompt", true, "thinking", false))));
  }

  @Test
  void thereIsNoSystemPromptUnlessOneIsGiven() {
    String rendered = format(template(THINKS, "")).render(ChatPrompt.user("Hi"));
    assertEquals(0, rendered.indexOf("<｜User｜>"));
  }
}
