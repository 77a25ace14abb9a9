package dev.burhan.text.command;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import dev.burhan.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Component;

/** {@code burhan tokenize}: a text's tokens. */
@Component(service = Provider.class)
public final class TokenizeCommand implements Command {

  @Override
  public String name() {
    return "tokenize";
  }

  @Override
  public String summary() {
    return "Show the tokens of a text.";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.required(
            "model",
            Option.Kind.TEXT,
            "MODEL",
            "A .gguf file, a folder, or a name from the catalogue."),
        Option.optional("text", Option.Kind.TEXT, "TEXT", "The text."),
        Option.optional("file", Option.Kind.PATH, "FILE", "A file with the text, in UTF-8."),
        Option.optional("batch", Option.Kind.PATH, "FILE", "A file with a JSON array of texts."),
        Option.flag(
            "add-special", "Adds the tokens that the model's tokenizer puts around a text."),
        Option.flag("json", "Print ids and pieces as JSON; a batch is always answered in JSON."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan tokenize --model smollm2 --text \"What is 2+2?\" --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) {
    long sources = List.of("text", "file", "batch").stream().filter(arguments::flag).count();
    if (sources != 1) {
      throw new UsageException(
          "tokenize takes one of --text, --file and --batch, found " + sources + " of them");
    }
    boolean addSpecial = arguments.flag("add-special");
    List<String> texts = texts(arguments);
    try (Checkpoint checkpoint = host.openCheckpoint(arguments.required("model"), io.progress())) {
      Tokenizer tokenizer = host.tokenizer(checkpoint);
      if (arguments.flag("batch")) {
        Output.json(io, json -> writeAll(json, tokenizer, texts, addSpecial));
      } else if (arguments.flag("json")) {
        Output.json(io, json -> write(json, tokenizer, texts.getFirst(), addSpecial));
      } else {
        int[] ids = tokenizer.encode(texts.getFirst(), addSpecial);
        io.out()
            .print(Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(",")));
        io.out().print('\n');
      }
    }
    return DONE;
  }

  private static List<String> texts(Arguments arguments) {
    if (arguments.text("text").isPresent()) {
      return List.of(arguments.text("text").get());
    }
    if (arguments.path("file").isPresent()) {
      return List.of(Input.text(arguments.path("file").get()));
    }
    Path batch = Path.of(arguments.required("batch"));
    List<?> texts = Input.list(Input.json(batch), batch.toString());
    for (int i = 0; i < texts.size(); i++) {
      Input.string(texts.get(i), batch + ": [" + i + "]");
    }
    return texts.stream().map(String.class::cast).toList();
  }

  private static void writeAll(
      JsonGenerator json, Tokenizer tokenizer, List<String> texts, boolean addSpecial)
      throws IOException {
    json.writeStartArray();
    for (String text : texts) {
      write(json, tokenizer, text, addSpecial);
    }
    json.writeEndArray();
  }

  private static void write(
      JsonGenerator json, Tokenizer tokenizer, String text, boolean addSpecial) throws IOException {
    int[] ids = tokenizer.encode(text, addSpecial);
    json.writeStartObject();
    json.writeFieldName("ids");
    json.writeArray(ids, 0, ids.length);
    json.writeArrayFieldStart("pieces");
    for (int id : ids) {
      json.writeString(tokenizer.piece(id));
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
