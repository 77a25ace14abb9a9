package dev.burhan.text.command;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.TemplateException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** {@code burhan render}: the prompt that a model's chat template makes of messages. */
@Component(service = Provider.class)
public final class RenderCommand implements Command {
  private static final String GENERATION_PROMPT = "add_generation_prompt";

  @Override
  public String name() {
    return "render";
  }

  @Override
  public String summary() {
    return "Show the prompt that a model's chat template makes of messages.";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.required(
            "model",
            Option.Kind.TEXT,
            "MODEL",
            "A .gguf file, a folder, or a name from the catalogue."),
        Option.optional(
            "messages",
            Option.Kind.PATH,
            "FILE",
            "A JSON array of messages with role and content."),
        Option.optional("tools", Option.Kind.PATH, "FILE", "A JSON array of tool definitions."),
        Option.flag("no-generation-prompt", "Leave out the beginning of the model's own turn."),
        Option.optional(
            "batch",
            Option.Kind.PATH,
            "FILE",
            "A JSON array of objects with messages, tools and options."),
        Option.flag("json", "Print the prompt as JSON; a batch is always answered in JSON."));
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan render --model smollm2 --messages chat.json",
        "burhan render --model smollm2 --batch cases.json --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) {
    if (arguments.flag("messages") == arguments.flag("batch")) {
      throw new UsageException("render takes either --messages or --batch");
    }
    if (arguments.flag("batch") && arguments.flag("tools")) {
      throw new UsageException(
          "--tools goes with --messages; within a batch each entry has its own \"tools\"");
    }
    List<ChatPrompt> prompts =
        arguments.flag("batch") ? batch(arguments) : List.of(single(arguments));
    String model = arguments.required("model");
    try (Checkpoint checkpoint = host.openCheckpoint(model, io.progress())) {
      ChatFormat format =
          host.chatFormat(checkpoint)
              .orElseThrow(
                  () ->
                      new BurhanException(
                          model + " has no chat template: there is nothing to render with"));
      if (arguments.flag("batch")) {
        Output.json(io, json -> writeAll(json, format, prompts));
      } else if (arguments.flag("json")) {
        String text = format.render(prompts.getFirst());
        Output.json(io, json -> write(json, "text", text));
      } else {
        Output.text(io, format.render(prompts.getFirst()));
      }
    }
    return DONE;
  }

  private static ChatPrompt single(Arguments arguments) {
    Path file = Path.of(arguments.required("messages"));
    List<Map<String, Object>> tools = null;
    if (arguments.path("tools").isPresent()) {
      Path path = arguments.path("tools").get();
      tools = Input.objects(Input.json(path), path.toString());
    }
    return new ChatPrompt(
        messages(Input.json(file), file.toString()), tools, options(arguments, Map.of()));
  }

  private static List<ChatPrompt> batch(Arguments arguments) {
    Path file = Path.of(arguments.required("batch"));
    var prompts = new ArrayList<ChatPrompt>();
    for (Object element : Input.list(Input.json(file), file.toString())) {
      String place = file + ": [" + prompts.size() + "]";
      Map<String, Object> entry = Input.object(element, place);
      Object options = entry.get("options");
      prompts.add(
          new ChatPrompt(
              messages(entry.get("messages"), place + ".messages"),
              Input.objects(entry.get("tools"), place + ".tools"),
              options(
                  arguments,
                  options == null ? Map.of() : Input.object(options, place + ".options"))));
    }
    return prompts;
  }

  private static List<Map<String, Object>> messages(Object json, String place) {
    Input.list(json, place); // messages are required: null is an error too
    return Input.objects(json, place);
  }

  private static Map<String, Object> options(Arguments arguments, Map<String, Object> given) {
    var options = new LinkedHashMap<String, Object>();
    options.put(GENERATION_PROMPT, !arguments.flag("no-generation-prompt"));
    options.putAll(given);
    return options;
  }

  private static void writeAll(JsonGenerator json, ChatFormat format, List<ChatPrompt> prompts)
      throws IOException {
    json.writeStartArray();
    for (ChatPrompt prompt : prompts) {
      String key = "text";
      String text;
      try {
        text = format.render(prompt);
      } catch (TemplateException e) {
        key = "error";
        text = e.getMessage();
      }
      write(json, key, text);
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, String key, String text) throws IOException {
    json.writeStartObject();
    json.writeStringField(key, text);
    json.writeEndObject();
  }
}
