package dev.burhan.text.template;

import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.TemplateException;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A chat template in Jinja, in the environment that Hugging Face transformers gives it: see {@link
 * Lexer} for white space, {@link Globals} for functions, {@link Budget} for limits. A template is
 * parsed when it is first used.
 */
public final class JinjaChatFormat implements ChatFormat {

  private static final class Lazy {
    private final String text;
    private volatile Statement parsed;

    Lazy(String text) {
      this.text = text;
    }

    /** Two threads may both parse at first: the results are alike. */
    Statement parsed() {
      Statement found = parsed;
      if (found == null) {
        found = Parser.parse(text);
        parsed = found;
      }
      return found;
    }
  }

  private final String origin;
  private final Lazy template;
  private final Lazy toolUse;
  private final Map<String, String> specialTokens;
  private final Clock clock;
  private final Supplier<Budget> budgets;

  /**
   * Makes the format of a checkpoint.
   *
   * @param origin the checkpoint's name, for errors
   * @param template its template
   * @param toolUse the template to take when tools are given, null if it has none of its own
   * @param specialTokens variables such as {@code bos_token}
   * @param clock for {@code strftime_now}
   */
  public JinjaChatFormat(
      String origin,
      String template,
      String toolUse,
      Map<String, String> specialTokens,
      Clock clock) {
    this(origin, template, toolUse, specialTokens, clock, Budget::new);
  }

  /** The same with another budget for each rendering. */
  JinjaChatFormat(
      String origin,
      String template,
      String toolUse,
      Map<String, String> specialTokens,
      Clock clock,
      Supplier<Budget> budgets) {
    this.budgets = budgets;
    this.origin = origin;
    this.template = new Lazy(template);
    this.toolUse = toolUse == null ? null : new Lazy(toolUse);
    this.specialTokens = Map.copyOf(specialTokens);
    this.clock = clock;
  }

  @Override
  public String template() {
    return template.text;
  }

  @Override
  public String render(ChatPrompt prompt) {
    try {
      Object tools = prompt.tools() != null ? prompt.tools() : prompt.options().get("tools");
      Lazy chosen = toolUse != null && tools != null ? toolUse : template;
      var run = new Run(clock, budgets.get());
      chosen.parsed().execute(Scope.root(run, variables(prompt, tools)));
      return run.printed();
    } catch (StackOverflowError e) {
      // not the cause: its trace has thousands of lines and none of them helps
      throw new TemplateException(origin + ": the chat template or its input is nested too deeply");
    }
  }

  private Map<String, Object> variables(ChatPrompt prompt, Object tools) {
    var variables = new HashMap<>(Globals.all());
    variables.putAll(specialTokens);
    variables.put("add_generation_prompt", false);
    variables.put("documents", null);
    prompt.options().forEach((name, value) -> variables.put(name, Values.of(value)));
    variables.put("messages", Values.of(prompt.messages()));
    variables.put("tools", Values.of(tools));
    return variables;
  }
}
