package dev.burhan.text.format;

import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;

/**
 * Templates of DeepSeek-R1 and its distills, older ones of which give the turn to the model without
 * opening its thought. Then it sometimes does not think, which costs much of its accuracy: DeepSeek
 * asks to begin every answer with the opening tag, as their later templates do.
 */
record OpenedThought(ChatFormat format) implements ChatFormat {
  private static final String ASSISTANT = "<｜Assistant｜>";
  private static final String OPEN = "<think>\n";
  private static final String CLOSE = "</think>"; // in the templates of models that think

  /** A template, with the thought opened where it is of a model that needs it. */
  static ChatFormat of(ChatFormat format) {
    String template = format.template();
    return template.contains(CLOSE) && template.contains(ASSISTANT)
        ? new OpenedThought(format)
        : format;
  }

  @Override
  public String template() {
    return format.template();
  }

  @Override
  public String render(ChatPrompt prompt) {
    String rendered = format.render(prompt);
    boolean opens =
        Boolean.TRUE.equals(prompt.options().get("add_generation_prompt"))
            && !Boolean.FALSE.equals(prompt.options().get("thinking"))
            && !Boolean.FALSE.equals(prompt.options().get("enable_thinking"))
            && rendered.endsWith(ASSISTANT);
    return opens ? rendered + OPEN : rendered;
  }
}
