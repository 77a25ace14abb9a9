package dev.burhan.kernel.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.Speculation;
import dev.burhan.kernel.sampling.Sampler;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * {@code burhan score}: the log-probability that a model gives to each token of texts that are
 * there already (teacher forcing).
 */
@Component(service = Provider.class)
public final class ScoreCommand implements Command {
  private static final int LONGEST_LINE = 16 << 20;

  @Override
  public String name() {
    return "score";
  }

  @Override
  public String summary() {
    return "Print the log-probability of each token of given texts, a JSON line a text.";
  }

  @Override
  public List<Option> options() {
    return LoadOptions.with(
        Option.required(
            "in",
            Kind.PATH,
            "FILE.jsonl",
            "Lines {\"tokens\": [1, 2, 3], \"prompt\": 2}; tokens behind the prompt are run as generated ones."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan score --model smollm2 --in texts.jsonl");
  }

  /** A text; its first tokens are a prompt. */
  private record Text(int[] tokens, int prompt) {}

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    Path file = arguments.path("in").orElseThrow();
    LoadRequest load =
        LoadOptions.loadRequest(arguments).withSpeculation(Optional.of(Speculation.OFF));
    try (BufferedReader lines = open(file);
        LoadedModel model = host.engine().load(load, io.progress())) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          io.out().println(score(model, parse(line, file + ", line " + number)));
        }
      }
    }
    return DONE;
  }

  private static BufferedReader open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UsageException("--in should be a file, found none at " + file);
    }
    return Files.newBufferedReader(file);
  }

  /** {@code [null, -0.5, ...]}: the first token has nothing before it. */
  private static String score(LoadedModel model, Text text) throws InterruptedException {
    StringBuilder json = new StringBuilder("[null");
    model.score(
        text.tokens(),
        text.prompt(),
        (position, logits) -> {
          if (position + 1 < text.tokens().length) {
            int next = text.tokens()[position + 1];
            json.append(',').append((float) (logits[next] - Sampler.logSumExp(logits)));
          }
        });
    return json.append(']').toString();
  }

  private static Text parse(String line, String where) {
    if (line.length() > LONGEST_LINE) {
      throw new UsageException(where + ": longer than " + LONGEST_LINE + " characters");
    }
    List<Integer> tokens = new ArrayList<>();
    int prompt = -1;
    try (JsonParser json = new JsonFactory().createParser(line)) {
      expect(json.nextToken() == JsonToken.START_OBJECT, where);
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String field = json.currentName();
        json.nextToken();
        switch (field) {
          case "prompt" -> prompt = json.getIntValue();
          case "tokens" -> {
            expect(json.currentToken() == JsonToken.START_ARRAY, where);
            while (json.nextToken() != JsonToken.END_ARRAY) {
              tokens.add(json.getIntValue());
            }
          }
          case null, default -> expect(false, where);
        }
      }
    } catch (IOException e) {
      throw new UsageException(where + ": " + e.getMessage().lines().findFirst().orElse(""), e);
    }
    int[] ids = tokens.stream().mapToInt(Integer::intValue).toArray();
    return new Text(ids, prompt < 0 ? ids.length : prompt);
  }

  private static void expect(boolean found, String where) {
    if (!found) {
      throw new UsageException(
          where + " should be {\"tokens\": [1, 2, 3], \"prompt\": 2}; prompt may be left out");
    }
  }
}
