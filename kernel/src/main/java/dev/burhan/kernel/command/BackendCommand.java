package dev.burhan.kernel.command;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.Exchange;
import dev.burhan.engine.LoadedModel;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan backend}: exchanges the backend of what runs, here or in a server. */
@Component(service = Provider.class)
public final class BackendCommand implements Command {
  @Override
  public String name() {
    return "backend";
  }

  @Override
  public String summary() {
    return "Exchange the backend of a running server's model; its requests go on. NAME auto: the configured or best one.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("NAME");
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.optional("url", Kind.TEXT, "URL", "The server.", "http://127.0.0.1:8080"),
        Option.optional(
            "name",
            Kind.TEXT,
            "ID",
            "Which model, as requests call it.",
            "the only one, or here all"),
        Option.flag("recompute", "Compute again what runs, instead of copying keys and values."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan backend vector --url http://127.0.0.1:8080", "burhan:backend vector");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    if (arguments.operands().size() != 1) {
      throw new UsageException("name one backend; burhan backends lists them");
    }
    String name = arguments.operands().getFirst();
    boolean recompute = arguments.flag("recompute");
    Optional<String> id = arguments.text("name");
    List<LoadedModel> models = host.engine().models();
    if (models.isEmpty() || arguments.text("url").isPresent()) {
      String url = arguments.text("url").orElse("http://127.0.0.1:8080");
      io.out().println(ask(url, json(name, id, recompute)));
      return DONE;
    }
    models = models.stream().filter(one -> id.isEmpty() || one.name().equals(id.get())).toList();
    if (models.isEmpty()) {
      throw new UsageException("there is no model '" + id.orElseThrow() + "' here");
    }
    for (LoadedModel model : models) {
      Exchange told = model.exchange(Exchange.asked(name), recompute);
      io.out()
          .printf(
              "%s runs on %s now, on %s before: %d requests copied, %d computed again, a pause of %.0f ms%n",
              model.name(),
              told.to(),
              told.from(),
              told.copied(),
              told.recomputed(),
              told.pauseNanos() / 1e6);
    }
    return DONE;
  }

  private static String json(String backend, Optional<String> id, boolean recompute) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("backend", backend);
    id.ifPresent(value -> body.put("name", value));
    body.put("recompute", recompute);
    return JsonText.of(body);
  }

  private static String ask(String url, String body) throws InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url.replaceAll("/+$", "") + "/admin/backend"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new BurhanException(
            url + " answered " + response.statusCode() + ": " + response.body().strip());
      }
      return response.body().strip();
    } catch (IOException | IllegalArgumentException e) {
      throw new BurhanException("there is no server at " + url + ": " + e, e);
    }
  }
}
