package dev.burhan.kernel.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.Speculation;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.osgi.service.component.annotations.Component;

/**
 * {@code burhan logits}: a model's raw output at every position, to compare with other runtimes.
 */
@Component(service = Provider.class)
public final class LogitsCommand implements Command {

  @Override
  public String name() {
    return "logits";
  }

  @Override
  public String summary() {
    return "Print a model's logits at every position of a text, as JSON or as a NumPy file.";
  }

  @Override
  public List<Option> options() {
    return LoadOptions.with(
        Option.required("tokens", Kind.TEXT, "1,2,3", "Token ids, separated by commas."),
        Option.flag("json", "Print {\"logits\":[[...], ...]}, one row a position."),
        Option.optional(
            "out",
            Kind.PATH,
            "FILE.npy",
            "Write a NumPy file: float32, C order, positions x vocabulary."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan logits --model smollm2 --tokens 1,2,3 --out logits.npy");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    int[] tokens = tokens(arguments.required("tokens"));
    if (arguments.flag("json") == arguments.path("out").isPresent()) {
      throw new UsageException("say where the logits go: either --json or --out FILE.npy");
    }
    LoadRequest load =
        LoadOptions.loadRequest(arguments).withSpeculation(Optional.of(Speculation.OFF));
    try (LoadedModel model = host.engine().load(load, io.progress())) {
      if (arguments.flag("json")) {
        writeJson(model, tokens, io);
      } else {
        writeNumpy(model, tokens, arguments.path("out").orElseThrow());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return DONE;
  }

  private static int[] tokens(String text) {
    try {
      return Arrays.stream(text.split(","))
          .mapToInt(token -> Integer.parseInt(token.strip()))
          .toArray();
    } catch (NumberFormatException e) {
      throw new UsageException(
          "--tokens should be integers separated by commas, found '" + text + "'", e);
    }
  }

  private static void writeJson(LoadedModel model, int[] tokens, CommandIo io)
      throws IOException, InterruptedException {
    OutputStream kept =
        new FilterOutputStream(io.out()) {
          @Override
          public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
          }

          @Override
          public void close() throws IOException {
            flush(); // standard output is not ours to close
          }
        };
    try (JsonGenerator json = new JsonFactory().createGenerator(kept)) {
      json.writeStartObject();
      json.writeArrayFieldStart("logits");
      model.score(
          tokens,
          (position, logits) -> {
            try {
              json.writeStartArray();
              for (float logit : logits) {
                json.writeNumber(logit);
              }
              json.writeEndArray();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  /**
   * Writes beside the file first: a failed run leaves nothing half done under the name that was
   * asked for.
   */
  private static void writeNumpy(LoadedModel model, int[] tokens, Path file)
      throws IOException, InterruptedException {
    Path target = file.toAbsolutePath();
    if (!Files.isDirectory(target.getParent())) {
      throw new BurhanException(
          "there is no folder " + target.getParent() + " to write " + file + " into");
    }
    // no temporary file of Java's, which nobody but its owner could read
    Path partial =
        target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".partial");
    try {
      try (OutputStream out =
          new BufferedOutputStream(Files.newOutputStream(partial, StandardOpenOption.CREATE_NEW))) {
        NumpyFile.writeHeader(out, tokens.length, model.info().vocabulary());
        model.score(
            tokens,
            (position, logits) -> {
              try {
                NumpyFile.writeRow(out, logits);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
      Files.move(partial, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }
}
