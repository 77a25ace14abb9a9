package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs programs as a user would, in an environment of which a test changes parts. */
final class Shell {

  /** What a program answered. */
  record Result(int code, String out, String err) {

    Result exitsWith(int expected) {
      assertEquals(expected, code, () -> "exit code; stdout:\n" + out + "\nstderr:\n" + err);
      return this;
    }

    /** Standard error without the JVM's own warning that the Vector API is an incubator. */
    String said() {
      return err.lines()
          .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
          .reduce("", (all, line) -> all + line + "\n");
    }

    Result says(String part) {
      assertTrue(
          said().contains(part), () -> "expected '" + part + "' on stderr, found:\n" + said());
      return this;
    }

    Result saysOneLine() {
      assertEquals(
          1, said().lines().count(), () -> "one line expected on stderr, found:\n" + said());
      return this;
    }
  }

  private static final long LIMIT_MINUTES = 8;

  private final Map<String, String> environment = new HashMap<>(System.getenv());
  private Path folder = Path.of("").toAbsolutePath();

  Shell() {
    // Maven and surefire set some that would reach the scripts; a user's shell has none of them.
    environment
        .keySet()
        .removeIf(name -> name.startsWith("MAVEN_") || name.equals("JAVA_TOOL_OPTIONS"));
    environment.put("JAVA_HOME", System.getProperty("java.home"));
  }

  Shell in(Path other) {
    folder = other;
    return this;
  }

  Shell with(String name, Object value) {
    environment.put(name, value.toString());
    return this;
  }

  Shell without(String name) {
    environment.remove(name);
    return this;
  }

  Process start(Path out, Path err, Object... command) throws IOException {
    var builder =
        new ProcessBuilder(List.of(command).stream().map(Object::toString).toList())
            .directory(folder.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** What takes a command's network away if it is put before it; empty if this machine can't. */
  static List<Object> withoutNetwork() throws IOException, InterruptedException {
    Path unshare = Path.of("/usr/bin/unshare");
    return Files.isExecutable(unshare) && new Shell().run(unshare, "-rn", "true").code() == 0
        ? List.of(unshare, "-rn")
        : List.of();
  }

  Result run(Object... command) throws IOException, InterruptedException {
    Path out = Files.createTempFile("burhan-e2e", ".out");
    Path err = Files.createTempFile("burhan-e2e", ".err");
    try {
      return result(start(out, err, command), out, err);
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  static Result result(Process process, Path out, Path err)
      throws IOException, InterruptedException {
    if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running after " + LIMIT_MINUTES + " minutes: " + text(err));
    }
    return new Result(process.exitValue(), text(out), text(err));
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
