package dev.burhan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.burhan.engine.Engine;
import dev.burhan.engine.EngineEvent;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.provider.Progress;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The servlets in a Jetty on a free loopback port, set up as {@link FrameworkHttp} asks Felix to.
 */
final class TestServer implements AutoCloseable {
  static final Duration KEEP_ALIVE = Duration.ofMillis(50);
  static final Duration DRAIN = Duration.ofSeconds(20);
  static final int REQUESTS = 2;
  static final int BODY_BYTES = 4096;

  /** Receipts that tell what they were made of. */
  private static final Serving.Receipts RECEIPTS =
      (model, begun, request, tokens, reason) ->
          "{\"of\":\"%s\",\"seed\":%d,\"tokens\":%s,\"reason\":\"%s\"}"
              .formatted(model.id(), request.sampling().seed(), tokens, reason);

  final Serving serving =
      new Serving(
          new Serving.Limits(REQUESTS, BODY_BYTES, KEEP_ALIVE, DRAIN),
          true,
          Optional.of(RECEIPTS),
          new HandEngine());
  final HandModel model = new HandModel("hand");

  /** What is loaded next. */
  final Deque<Supplier<LoadedModel>> loads = new ConcurrentLinkedDeque<>();

  /** What the engine was told. */
  final BlockingQueue<EngineEvent> told = new LinkedBlockingQueue<>();

  /** Loads what the test has laid out. */
  private final class HandEngine implements Engine {
    @Override
    public LoadedModel load(LoadRequest request, Progress progress) {
      return loads.remove().get();
    }

    @Override
    public void tell(EngineEvent event) {
      told.add(event);
    }
  }

  private final Server server;
  private final int port;
  private final HttpClient client = HttpClient.newHttpClient();

  /** A server that is ready. */
  static TestServer ready() throws Exception {
    TestServer server = new TestServer();
    server.load();
    return server;
  }

  TestServer() throws Exception {
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server = new Server(threads);
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    add(context, new ChatServlet(serving), "/v1/chat/completions");
    add(context, new ModelsServlet(serving), "/v1/models", "/v1/models/*");
    add(context, new AdminServlet(serving), "/admin/models", "/admin/models/*");
    add(context, new BackendServlet(serving), "/admin/backend");
    add(context, new MetricsServlet(serving), "/metrics");
    add(context, new LiveServlet(serving), "/health/live");
    add(context, new ReadyServlet(serving), "/health/ready");
    add(context, new UnknownServlet(serving), "/*");
    server.setHandler(context);
    server.start();
    port = connector.getLocalPort();
  }

  /** The model that tests lead is there, and the server is ready. */
  void load() {
    loads.add(() -> model);
    serving.models().load(Asked.of("hand", Optional.empty(), Map.of()), Progress.NONE);
    serving.ready();
  }

  private static void add(ServletContextHandler context, Servlet servlet, String... patterns) {
    ServletHolder holder = new ServletHolder(servlet);
    for (String pattern : patterns) {
      context.addServlet(holder, pattern);
    }
  }

  /** A response as text and as JSON. */
  record Reply(int status, HttpResponse<String> response) {
    String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }

    String body() {
      return response.body();
    }

    JsonNode json() {
      try {
        return new JsonMapper().readTree(body());
      } catch (IOException e) {
        throw new UncheckedIOException(body(), e);
      }
    }

    JsonNode error() {
      return json().get("error");
    }
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(30));
  }

  HttpRequest chatRequest(String json) {
    return postRequest("/v1/chat/completions", json);
  }

  HttpRequest postRequest(String path, String json) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(json))
        .build();
  }

  Reply send(HttpRequest request) throws Exception {
    HttpResponse<String> response =
        client.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
    return new Reply(response.statusCode(), response);
  }

  Reply get(String path) throws Exception {
    return send(request(path).build());
  }

  Reply chat(String json) throws Exception {
    return send(chatRequest(json));
  }

  CompletableFuture<Reply> chatLater(String json) {
    return later(chatRequest(json));
  }

  CompletableFuture<Reply> later(HttpRequest request) {
    return client
        .sendAsync(request, BodyHandlers.ofString(StandardCharsets.UTF_8))
        .thenApply(response -> new Reply(response.statusCode(), response));
  }

  /** A chat over a socket of the test's own, for what an HTTP client would not do. */
  Socket chatSocket(String json) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(body.length);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(body);
    return socket;
  }

  @Override
  public void close() {
    client.shutdownNow();
    try {
      server.stop();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
