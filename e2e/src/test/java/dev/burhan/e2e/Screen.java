package dev.burhan.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A command in tmux, a terminal that knows nothing of Burhan: what stands where on its screen. */
final class Screen implements AutoCloseable {
  private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(3);

  private final Path socket;
  private final Map<String, String> environment;

  private Screen(Path socket, Map<String, String> environment) {
    this.socket = socket;
    this.environment = environment;
  }

  static Screen start(
      Path folder, int columns, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Needs.check(
        new ProcessBuilder("sh", "-c", "command -v tmux >/dev/null").start().waitFor() == 0,
        "tmux is missing: it shows where characters stand on a screen");
    var screen = new Screen(folder.resolve("tmux"), environment);
    var words = new ArrayList<>(List.of("-f", "/dev/null", "new-session", "-d"));
    words.addAll(List.of("-x", Integer.toString(columns), "-y", "20", "-c", folder.toString()));
    words.addAll(command);
    screen.tmux(words.toArray(String[]::new));
    return screen;
  }

  private String tmux(String... words) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("tmux", "-u", "-S", socket.toString()));
    command.addAll(List.of(words));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().remove("TMUX");
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(command + ": " + said);
    }
    return said;
  }

  Screen type(String text) throws IOException, InterruptedException {
    tmux("send-keys", "-l", text);
    return this;
  }

  /** Presses keys by tmux's names: {@code Left}, {@code Enter}, {@code C-u}. */
  Screen press(String... keys) throws IOException, InterruptedException {
    for (String key : keys) {
      tmux("send-keys", key);
    }
    return this;
  }

  /** What the screen shows. */
  String text() throws IOException, InterruptedException {
    return tmux("capture-pane", "-p");
  }

  /**
   * Waits until the prompt and what is typed there are this, in how many rows ever, and the cursor
   * stands in this column of its row.
   */
  void expect(String edited, int cursorColumn) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (true) {
      String text = "\n" + text();
      String rows = text.substring(text.lastIndexOf("\n>") + 1).replace("\n", "");
      int column = Integer.parseInt(tmux("display-message", "-p", "#{cursor_x}").strip());
      if (rows.equals(edited) && column == cursorColumn) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "expected '%s' and the cursor in column %d, found column %d in:%n%s"
                .formatted(edited, cursorColumn, column, text));
      }
    }
  }

  /** Ends the command, and waits until it has ended: it may still write into its folders. */
  @Override
  public void close() throws IOException {
    try {
      long pid = Long.parseLong(tmux("display-message", "-p", "#{pane_pid}").strip());
      var command = ProcessHandle.of(pid);
      tmux("kill-server");
      if (command.isPresent()) {
        command.get().onExit().get(LIMIT_NANOS, TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the command did not end with its terminal", e);
    }
  }
}
