package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator changes while {@code burhan serve} runs: bundles, by folder and by shell. */
class OperatorTest {
  private static final String QUESTION =
      "{\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"Say yes.\"}],\"max_tokens\":3}";

  @TempDir Path temp;
  private Path home;
  private Path deploy;

  @BeforeEach
  void install() throws IOException {
    home = temp.resolve("home");
    Places.copy(Places.distribution(), home);
    deploy = Files.createDirectory(temp.resolve("deploy"));
    Files.setPosixFilePermissions(deploy, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Takes a bundle out of the installation, so that its jar can be deployed. */
  private Path taken(String bundle) throws IOException {
    try (Stream<Path> jars = Files.list(home.resolve("bundle"))) {
      Path jar =
          jars.filter(file -> file.getFileName().toString().startsWith(bundle + "-"))
              .findFirst()
              .orElseThrow();
      return Files.move(jar, temp.resolve(bundle + ".jar"));
    }
  }

  /** Whole at once, as an operator should. */
  private Path drop(Path jar, String permissions) throws IOException {
    Path part = deploy.resolve("dropped.part");
    Files.copy(jar, part, StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(permissions));
    return Files.move(part, deploy.resolve("dropped.jar"), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void awaitLog(Served served, Predicate<String> said) throws Exception {
    Instant end = Instant.now().plus(Duration.ofMinutes(1));
    while (!said.test(served.log())) {
      assertTrue(Instant.now().isBefore(end), served.log());
      Thread.onSpinWait();
    }
  }

  private static long count(String text, String part) {
    return text.lines().filter(line -> line.contains(part)).count();
  }

  @Test
  void jarInTheDeployFolderIsLiveUntilItIsTakenAway() throws Exception {
    Path blas = taken("backend-blas");
    try (Served served =
        Served.start(
            home, Map.of(), temp, Places.tinyR1(), "--deploy", deploy.toString(), "--shell")) {
      drop(blas, "rw-rw-r--");
      awaitLog(served, log -> log.contains("dropped.jar can be written by others"));
      Path jar = drop(blas, "rw-r--r--");
      awaitLog(served, log -> log.contains("dropped.jar is live: dev.burhan.backend-blas"));
      served.type("burhan:backends");
      served.awaitOutput("(g! )?blas +usable.*");
      drop(blas, "rw-r--r--");
      awaitLog(served, log -> log.contains("dropped.jar is updated"));
      Files.delete(jar);
      awaitLog(served, log -> log.contains("dropped.jar is gone"));
      served.type("burhan:backends");
      assertTrue(served.awaitOutput("(g! )?oracle .*|blas .*").contains("oracle"));
      served.endInput(); // ends the shell alone
      assertEquals(200, served.chat(QUESTION).statusCode());
      assertEquals(0, served.terminate());
    }
  }

  @Test
  void folderThatOthersMayWriteToIsRefusedAtTheStart() throws Exception {
    Files.setPosixFilePermissions(deploy, PosixFilePermissions.fromString("rwxrwxrwx"));
    new Shell()
        .run(
            home.resolve("bin/burhan"),
            "serve",
            "--model",
            Places.tinyR1(),
            "--port",
            "0",
            "--deploy",
            deploy)
        .exitsWith(1)
        .saysOneLine()
        .says("chmod go-w " + deploy.toRealPath());
  }

  @Test
  void withoutAnyBackendRequestsFailAtTheLimitAndOneThatComesServesThoseThatWait()
      throws Exception {
    try (Served served =
        Served.start(
            home, Map.of("BURHAN_BACKEND_PATIENCE", "2"), temp, Places.tinyR1(), "--shell")) {
      served.type("lb -s backend-vector");
      String number =
          served
              .awaitOutput(".*\\|dev\\.burhan\\.backend-vector .*")
              .replaceFirst("^(g! )?\\s*(\\d+)\\|.*", "$2");
      served.type("stop " + number);
      awaitLog(served, log -> log.contains("waits for a backend, vector went"));
      HttpResponse<String> refused = served.chat(QUESTION);
      assertEquals(503, refused.statusCode(), refused.body());
      assertTrue(refused.body().contains("\"code\":\"no_backend\""), refused.body());
      assertTrue(refused.body().contains("no backend is left"), refused.body());
      served.type("start " + number);
      awaitLog(served, log -> count(log, "runs on vector now") == 1);
      assertEquals(200, served.chat(QUESTION).statusCode());
    }
  }
}
