package dev.burhan.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code burhan serve} as a process of its own, from its line that says that it is ready. */
final class Served implements AutoCloseable {
  static final String MODEL = "smollm2";

  private static final Pattern READY = Pattern.compile("at (http://127\\.0\\.0\\.1:\\d+)/v1");
  private static final long LIMIT_SECONDS = 120;
  private static final long LIFE_MINUTES = 8;

  private final Process process;
  private final BufferedReader out;
  private final Path log;
  private final String url;
  private final HttpClient client = HttpClient.newHttpClient();

  private Served(Process process, BufferedReader out, Path log, String url) {
    this.process = process;
    this.out = out;
    this.log = log;
    this.url = url;
  }

  static Served start(Path folder, Path model, String... more) throws IOException {
    return start(Places.distribution(), Map.of(), folder, model, more);
  }

  /** The same of another installation, in an environment with these besides. */
  static Served start(
      Path home, Map<String, String> environment, Path folder, Path model, String... more)
      throws IOException {
    Path log = Files.createTempFile(folder, "serve", ".err");
    var command =
        new ArrayList<>(
            List.of(
                home.resolve("bin/burhan").toString(),
                "serve",
                "--model",
                model.toString(),
                "--name",
                MODEL,
                "--port",
                "0",
                "--context",
                "1024"));
    command.addAll(List.of(more));
    var builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putIfAbsent("BURHAN_WARM_UP", "background"); // nothing is timed here
    builder.environment().putAll(environment);
    Process process = builder.start();
    // Whatever hangs ends with it: reads from it and from its connections return then.
    CompletableFuture.delayedExecutor(LIFE_MINUTES, TimeUnit.MINUTES)
        .execute(process::destroyForcibly);
    var out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine(); // null where the process ends first
    Matcher ready = READY.matcher(line == null ? "" : line);
    if (!ready.find()) {
      process.destroyForcibly();
      throw new AssertionError("not ready: " + line + "\n" + Files.readString(log));
    }
    return new Served(process, out, log, ready.group(1));
  }

  String url() {
    return url;
  }

  /** A line for the shell of {@code --shell}. */
  void type(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Reads what the shell shows, up to a line with this part, which is returned. */
  String shownUntil(String part) throws IOException {
    return awaitOutput(".*" + Pattern.quote(part) + ".*");
  }

  /** As Ctrl-D. */
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Reads standard output until a line matches, and answers it. */
  String awaitOutput(String pattern) throws IOException {
    String line;
    do {
      line = out.readLine();
      if (line == null) {
        throw new AssertionError("standard output ended before " + pattern + "\n" + log());
      }
    } while (!line.matches(pattern));
    return line;
  }

  int port() {
    return URI.create(url).getPort();
  }

  HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  HttpResponse<String> chat(String json) throws Exception {
    return client.send(
        request("/v1/chat/completions")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofMinutes(4));
  }

  /** What it said on standard error by now. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** A chat that is read while it is being answered. */
  Stream stream(String json) throws Exception {
    var response =
        client.send(
            request("/v1/chat/completions")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json))
                .build(),
            BodyHandlers.ofInputStream());
    return new Stream(
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
  }

  /** Closing it before its end drops the connection. */
  record Stream(BufferedReader reader) implements AutoCloseable {

    void readUntil(String part) throws IOException {
      String line;
      do {
        line = reader.readLine();
        if (line == null) {
          throw new AssertionError("the stream ended before " + part);
        }
      } while (!line.contains(part));
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }

  void sendSigterm() {
    process.destroy();
  }

  /** Sends SIGTERM and waits for the end. */
  int terminate() throws Exception {
    sendSigterm();
    return awaitEnd();
  }

  int awaitEnd() throws Exception {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("still running: " + log());
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
