package dev.burhan.text.template;

import dev.burhan.checkpoint.fuzz.Fuzz;
import dev.burhan.checkpoint.fuzz.Fuzz.Depth;
import dev.burhan.checkpoint.fuzz.Fuzz.Input;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.support.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged chat templates of published models; see {@link Fuzz}. */
class TemplateFuzzTest {
  /** Small, so that an input that uses up all of it takes no second. */
  private static final long STEPS = 200_000;

  private static final long CHARACTERS = 1_000_000;

  private static List<String> templates() throws IOException {
    var templates = new ArrayList<String>();
    for (String name :
        List.of(
            "deepseek-ai-DeepSeek-R1-Distill-Llama-8B.jinja",
            "meta-llama-Llama-3.1-8B-Instruct.jinja")) {
      templates.add(Files.readString(TestFiles.cached("golden/chat/" + name)));
    }
    for (String name : List.of("deepseek_v3", "qwen2_5", "qwen3")) {
      var config =
          TestFiles.map(
              TestFiles.json(
                  TestFiles.cached("golden/tokenizers/" + name + "/tokenizer_config.json")));
      templates.add((String) config.get("chat_template"));
    }
    return templates;
  }

  private static List<ChatPrompt> prompts() {
    var prompts = new ArrayList<ChatPrompt>();
    var golden = TestFiles.map(TestFiles.json(TestFiles.golden("chat/chat_templates.json")));
    for (Object template : TestFiles.map(golden.get("templates")).values()) {
      for (Map<String, Object> one : TestFiles.maps(TestFiles.map(template).get("cases"))) {
        var options = new LinkedHashMap<String, Object>(TestFiles.map(one.get("options")));
        List<Map<String, Object>> tools = TestFiles.maps(options.remove("tools"));
        prompts.add(new ChatPrompt(TestFiles.maps(one.get("messages")), tools, options));
      }
    }
    return prompts;
  }

  @Test
  void damagedTemplatesRenderOrEndInOneClearLine() throws Exception {
    List<String> templates = templates();
    List<ChatPrompt> prompts = prompts();
    new Fuzz(
            "templates",
            5_000,
            List.of("lexer", "parser", "rendering", "rendered"),
            "rendering",
            message -> null)
        .run(random -> input(templates, prompts, random));
  }

  private static Input input(List<String> templates, List<ChatPrompt> prompts, Random random) {
    String template = new TemplateDamage(templates, random).template();
    ChatPrompt prompt = prompts.get(random.nextInt(prompts.size()));
    return new Input(CHARACTERS + template.length(), "", depth -> render(template, prompt, depth));
  }

  private static void render(String template, ChatPrompt prompt, Depth depth) {
    Lexer.tokens(template);
    depth.at("parser");
    Parser.parse(template);
    depth.at("rendering");
    var tokens = Map.of("bos_token", "<s>", "eos_token", "</s>");
    new JinjaChatFormat(
            "test", template, null, tokens, Clock.systemUTC(), () -> new Budget(STEPS, CHARACTERS))
        .render(prompt);
    depth.at("rendered");
  }
}
