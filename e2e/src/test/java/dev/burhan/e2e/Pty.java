package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command on a terminal of its own: a test types, and waits for what it shows. */
final class Pty implements AutoCloseable {
  static final String CTRL_C = "\u0003";
  static final String CTRL_D = "\u0004";
  static final String ENTER = "\r";
  static final String TAB = "\t";

  /** As terminals send it in the mode that line editors switch on. */
  static final String LEFT = "\u001bOD";

  private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(4);

  private final Process process;
  private final Path log;
  private final StringBuilder shown = new StringBuilder();
  private int seen;
  private boolean ended;

  private Pty(Process process, Path log) {
    this.process = process;
    this.log = log;
    Thread.ofVirtual().start(() -> collect(process.getInputStream()));
  }

  static Pty start(Path folder, Map<String, String> environment, Object... command)
      throws IOException, InterruptedException {
    Needs.check(
        new ProcessBuilder("python3", "-c", "import pty, termios").start().waitFor() == 0,
        "python3 with its module pty is missing: it makes the terminal for this test");
    Path log = Files.createTempFile(folder, "pty", ".err");
    var words =
        new ArrayList<>(
            List.of("python3", Places.root().resolve("e2e/terminal/in_pty.py").toString()));
    words.addAll(List.of("24", "80"));
    List.of(command).forEach(word -> words.add(word.toString()));
    var builder = new ProcessBuilder(words).directory(folder.toFile()).redirectError(log.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("TERM", "xterm-256color");
    builder.environment().remove("NO_COLOR");
    builder.environment().putAll(environment);
    return new Pty(builder.start(), log);
  }

  private void collect(InputStream stream) {
    byte[] bytes = new byte[8192];
    byte[] left = {};
    try {
      for (int count = stream.read(bytes); count >= 0; count = stream.read(bytes)) {
        byte[] all = new byte[left.length + count];
        System.arraycopy(left, 0, all, 0, left.length);
        System.arraycopy(bytes, 0, all, left.length, count);
        int whole = wholeCharacters(all);
        add(new String(all, 0, whole, StandardCharsets.UTF_8));
        left = java.util.Arrays.copyOfRange(all, whole, all.length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  /** How many of the bytes make whole characters: a read may end within one. */
  private static int wholeCharacters(byte[] utf8) {
    int start = utf8.length - 1;
    while (start >= 0 && start > utf8.length - 4 && (utf8[start] & 0xC0) == 0x80) {
      start--;
    }
    if (start < 0 || utf8[start] >= 0) {
      return utf8.length;
    }
    int length = Integer.numberOfLeadingZeros(~(utf8[start] << 24));
    return start + length > utf8.length ? start : utf8.length;
  }

  private synchronized void add(String text) {
    shown.append(text);
    notifyAll();
  }

  Pty type(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    return this;
  }

  /**
   * Waits until a text is shown after what was waited for before.
   *
   * @return all that came in between, and the text
   */
  synchronized String expect(String text) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (shown.indexOf(text, seen) < 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (ended || left <= 0) {
        throw new AssertionError(
            "expected '%s'%s, found:%n%s"
                .formatted(text, ended ? " before the end" : "", shown.substring(seen)));
      }
      wait(left);
    }
    int end = shown.indexOf(text, seen) + text.length();
    String passed = shown.substring(seen, end);
    seen = end;
    return passed;
  }

  /** Waits for the command's own end; checks its exit code, and that the terminal is as before. */
  void endsWith(int code) throws IOException, InterruptedException {
    assertTrue(process.waitFor(LIMIT_NANOS, TimeUnit.NANOSECONDS), "still running");
    assertEquals(
        "{\"exit\": " + code + ", \"restored\": true}",
        Files.readString(log).strip(),
        () -> "shown was:\n" + all());
  }

  synchronized String all() {
    return shown.toString();
  }

  /** The process of the terminal, of which the command is the child. */
  ProcessHandle command() {
    return process.children().findFirst().orElseThrow();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
