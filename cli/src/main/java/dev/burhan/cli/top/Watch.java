package dev.burhan.cli.top;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Reads a server's metrics again and again, and compares what it read. */
final class Watch implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** Shares and quantiles are of so long. */
  private static final long WHILE_NANOS = Duration.ofSeconds(30).toNanos();

  private final URI url;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final Deque<MetricsPage> pages = new ArrayDeque<>(); // of the last while, oldest first

  /**
   * Watches a server.
   *
   * @param server its URL, with or without {@code /metrics}
   * @throws UsageException if it is no URL of one
   */
  Watch(String server) {
    this.url = metrics(server);
  }

  private static URI metrics(String server) {
    String trimmed = server.strip().replaceFirst("/+$", "").replaceFirst("/(v1|metrics)$", "");
    String whole = trimmed.matches("[a-zA-Z]+://.*") ? trimmed : "http://" + trimmed;
    try {
      URI url = URI.create(whole + "/metrics");
      if (url.getHost() != null && url.getScheme().matches("https?")) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new UsageException(
        "--url should be a server's such as http://127.0.0.1:8080, found '" + server + "'");
  }

  /** The server's address as it is shown. */
  String server() {
    return url.getScheme() + "://" + url.getAuthority();
  }

  /**
   * Reads once more.
   *
   * @throws BurhanException if nobody answers there, or not with metrics
   */
  MetricsPage read() throws InterruptedException {
    HttpResponse<String> response;
    try {
      response =
          client.send(
              HttpRequest.newBuilder(url).timeout(ANSWER).build(),
              BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (ConnectException | HttpConnectTimeoutException e) {
      throw new BurhanException(
          "no server answers at %s; burhan serve starts one, --url URL names another"
              .formatted(server()),
          e);
    } catch (IOException e) {
      throw new BurhanException("%s can't be read: %s".formatted(url, e), e);
    }
    if (response.statusCode() != 200) {
      throw new BurhanException(
          "%s answered %d; expected the metrics of a server that burhan serve started"
              .formatted(url, response.statusCode()));
    }
    MetricsPage page = MetricsPage.parse(response.body(), System.nanoTime());
    if (Double.isNaN(page.value("process_start_time_seconds"))) {
      throw new BurhanException(url + " has metrics, but not those of a Burhan server");
    }
    keep(page);
    return page;
  }

  private void keep(MetricsPage page) {
    pages.addLast(page);
    while (pages.size() > 2 && page.nanos() - second().nanos() > WHILE_NANOS) {
      pages.removeFirst();
    }
  }

  private MetricsPage second() {
    return pages.stream().skip(1).findFirst().orElseThrow();
  }

  /** How it stands, once it was read twice. */
  List<ModelFigures> figures() {
    MetricsPage now = pages.getLast();
    MetricsPage last =
        pages.size() < 2 ? now : pages.stream().skip(pages.size() - 2L).findFirst().orElseThrow();
    return now.models().stream()
        .map(model -> ModelFigures.of(model, pages.getFirst(), last, now))
        .toList();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
