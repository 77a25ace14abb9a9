package dev.burhan.text.command;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** {@code burhan detokenize}: the text of tokens. */
@Component(service = Provider.class)
public final class DetokenizeCommand implements Command {

  @Override
  public String name() {
    return "detokenize";
  }

  @Override
  public String summary() {
    return "Show the text of tokens.";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.required(
            "model",
            Option.Kind.TEXT,
            "MODEL",
            "A .gguf file, a folder, or a name from the catalogue."),
        Option.required("ids", Option.Kind.TEXT, "IDS", "Token ids with commas between them."),
        Option.flag("skip-special", "Leave special tokens out."),
        Option.flag("json", "Print the text as JSON."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan detokenize --model smollm2 --ids 504,3575,282,4649");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) {
    int[] ids = ids(arguments.required("ids"));
    try (Checkpoint checkpoint = host.openCheckpoint(arguments.required("model"), io.progress())) {
      String text = host.tokenizer(checkpoint).decode(ids, arguments.flag("skip-special"));
      if (arguments.flag("json")) {
        Output.json(
            io,
            json -> {
              json.writeStartObject();
              json.writeStringField("text", text);
              json.writeEndObject();
            });
      } else {
        Output.text(io, text);
      }
    }
    return DONE;
  }

  private static int[] ids(String list) {
    if (list.isBlank()) {
      return new int[0];
    }
    String[] parts = list.split(",", -1);
    int[] ids = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      try {
        ids[i] = Integer.parseInt(parts[i].strip());
      } catch (NumberFormatException e) {
        throw new UsageException(
            "--ids should be token ids with commas between them, found '"
                + parts[i].strip()
                + "' at place "
                + (i + 1),
            e);
      }
    }
    return ids;
  }
}
