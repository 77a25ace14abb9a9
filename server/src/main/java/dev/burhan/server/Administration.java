package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.command.Arguments;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;

/**
 * Brings an operator's command to the server that is meant: to the one that runs in this framework,
 * if the command is typed in its shell, else over HTTP.
 */
final class Administration {
  private static final String URL = "url";
  private static final String USUAL = "http://127.0.0.1:8080";

  private Administration() {}

  static Option url() {
    return Option.optional(
        URL, Kind.TEXT, "URL", "The server; in its own shell it needs not be named.", USUAL);
  }

  static Option drain() {
    return Option.optional(
        ModelChanges.DRAIN,
        Kind.INTEGER,
        "SECONDS",
        "How long answers that are being made may take to end.",
        "as serve was told");
  }

  /** A model as a server in another folder finds it: whole, if it is a file or a folder here. */
  static String path(String model) {
    try {
      Path path = Path.of(model);
      return Files.exists(path) ? path.toAbsolutePath().normalize().toString() : model;
    } catch (InvalidPathException e) {
      return model;
    }
  }

  /** Puts the seconds of {@link #drain}, if they were given. */
  static void putDrain(Arguments arguments, ObjectNode body) {
    arguments
        .integer(ModelChanges.DRAIN, 0, 86_400)
        .ifPresent(seconds -> body.put(ModelChanges.DRAIN, seconds));
  }

  /** Puts what was given of {@link Asked#options}. */
  static void putOptions(Arguments arguments, ObjectNode body) {
    Asked.only(arguments.values())
        .forEach((name, texts) -> body.put(ModelChanges.field(name), texts.getLast()));
  }

  /** Has a change made, and prints what came of it as one line of JSON. */
  static void ask(String what, ObjectNode body, Arguments arguments, CommandIo io)
      throws InterruptedException {
    Optional<Serving> here = arguments.text(URL).isPresent() ? Optional.empty() : here();
    if (here.isEmpty()) {
      io.out().println(post(arguments.text(URL).orElse(USUAL), what, body));
      return;
    }
    try {
      io.out().println(new ModelChanges(here.get()).change(what, body));
    } catch (ApiError e) {
      throw new BurhanException(e.getMessage(), e);
    }
  }

  private static Optional<Serving> here() {
    Bundle own = FrameworkUtil.getBundle(Administration.class);
    BundleContext context = own == null ? null : own.getBundleContext();
    ServiceReference<Serving> found =
        context == null ? null : context.getServiceReference(Serving.class);
    return Optional.ofNullable(found).map(context::getService);
  }

  private static String post(String url, String what, ObjectNode body) throws InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url.replaceAll("/+$", "") + "/admin/models/" + what))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofByteArray(Json.bytes(body)))
              .build();
      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
      if (response.statusCode() != 200) {
        throw new BurhanException(
            url + " answered " + response.statusCode() + ": " + reason(response.body()));
      }
      return new String(response.body(), StandardCharsets.UTF_8).strip();
    } catch (IllegalArgumentException e) {
      throw new UsageException("--url should be a server's address, found '" + url + "'", e);
    } catch (IOException e) {
      throw new BurhanException("there is no server at " + url + ": " + e, e);
    }
  }

  private static String reason(byte[] body) {
    try {
      return Json.parse(body).at("/error/message").asText();
    } catch (ApiError e) { // no server of ours
      return "no reason that could be read";
    }
  }
}
