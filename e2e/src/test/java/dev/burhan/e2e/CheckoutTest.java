package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./burhan} in a fresh copy of the checkout, in a folder with spaces. Maven runs offline:
 * the build that runs this test has fetched what it needs.
 */
@Tag("slow")
@DisabledOnOs(OS.WINDOWS)
class CheckoutTest {
  private static final String BUILDS_FIRST = "building for the first time";
  private static final String BUILDS_AGAIN = "the sources have changed, building";

  @TempDir Path temp;

  private Path checkout;
  private Shell shell;

  @BeforeEach
  void copy() throws IOException {
    checkout = temp.resolve("my check out");
    copySources(Places.root(), checkout);
    shell = new Shell().in(temp).with("MAVEN_ARGS", "-o");
  }

  private static void copySources(Path from, Path to) throws IOException {
    Set<String> left = Set.of("target", ".burhan", ".git");
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (left.contains(folder.getFileName().toString())) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(to.resolve(from.relativize(folder).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(
                file,
                to.resolve(from.relativize(file).toString()),
                StandardCopyOption.COPY_ATTRIBUTES,
                LinkOption.NOFOLLOW_LINKS);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private Shell.Result burhan() throws Exception {
    return shell.run(checkout.resolve("burhan"), "--version").exitsWith(0);
  }

  private void assertBuilds(String how) throws Exception {
    burhan().says(how);
  }

  private void assertDoesNotBuild() throws Exception {
    assertEquals("", burhan().said());
  }

  private void append(String file, String text) throws IOException {
    Files.writeString(checkout.resolve(file), text, StandardOpenOption.APPEND);
  }

  @Test
  void buildsWhenItsSourcesChangeAndOnlyThen() throws Exception {
    String source = "launcher/src/main/java/dev/burhan/launcher/LaunchException.java";
    assertBuilds(BUILDS_FIRST);
    assertDoesNotBuild();

    Files.setLastModifiedTime(checkout.resolve(source), FileTime.fromMillis(0));
    append("README.md", "\n");
    Files.writeString(checkout.resolve("cli/src/main/java/.Main.java.swp"), "an editor's");
    assertDoesNotBuild();

    String before = Files.readString(checkout.resolve(source));
    append(source, "\n// changed\n");
    assertBuilds(BUILDS_AGAIN);
    Files.writeString(checkout.resolve(source), before);
    assertDoesNotBuild(); // as after git stash: that build is still there

    Files.writeString(checkout.resolve("cli/src/main/resources/extra.txt"), "there");
    assertBuilds(BUILDS_AGAIN);
    assertTrue(newestCliJarHas("extra.txt"));
    Files.delete(checkout.resolve("cli/src/main/resources/extra.txt"));
    append(source, "\n// changed again\n");
    assertBuilds(BUILDS_AGAIN);
    assertFalse(newestCliJarHas("extra.txt"));
    assertEquals(2, dists().size(), "old builds are removed, but for the last");
  }

  private List<Path> dists() throws IOException {
    try (Stream<Path> files = Files.list(checkout.resolve(".burhan"))) {
      return files.filter(file -> file.getFileName().toString().startsWith("dist-")).toList();
    }
  }

  private boolean newestCliJarHas(String entry) throws IOException {
    Path newest = null;
    for (Path dist : dists()) {
      if (newest == null
          || Files.getLastModifiedTime(dist).compareTo(Files.getLastModifiedTime(newest)) > 0) {
        newest = dist;
      }
    }
    Path jar =
        Places.jars(newest.resolve("bundle")).stream()
            .filter(file -> file.getFileName().toString().startsWith("cli-"))
            .findFirst()
            .orElseThrow();
    try (var file = new java.util.jar.JarFile(jar.toFile())) {
      return file.getEntry(entry) != null;
    }
  }

  @Test
  void secondStartNeedsNeitherMavenNorNetwork() throws Exception {
    Path link =
        Files.createSymbolicLink(temp.resolve("link to burhan"), checkout.resolve("burhan"));
    shell.in(Path.of("/")).run(link, "--version").exitsWith(0).says(BUILDS_FIRST);
    Path noMaven = Files.createDirectory(temp.resolve("home"));
    assertTrue(checkout.resolve("mvnw").toFile().setExecutable(false));
    shell
        .with("HOME", noMaven) // no ~/.m2 there
        .with("http_proxy", "http://127.0.0.1:9")
        .with("https_proxy", "http://127.0.0.1:9");
    assertDoesNotBuild();
    var command = new ArrayList<>(Shell.withoutNetwork());
    command.addAll(List.of(checkout.resolve("burhan"), "run", "What is 47 + 385?"));
    Shell.Result answer = shell.run(command.toArray());
    assertTrue(answer.exitsWith(0).out().contains("\\boxed{432}"), answer.out());
  }

  @Test
  void twoFirstStartsAtOnceBothWork() throws Exception {
    Process one =
        shell.start(
            temp.resolve("1.out"), temp.resolve("1.err"), checkout.resolve("burhan"), "--version");
    Process two =
        shell.start(
            temp.resolve("2.out"), temp.resolve("2.err"), checkout.resolve("burhan"), "--version");
    Shell.result(one, temp.resolve("1.out"), temp.resolve("1.err")).exitsWith(0);
    Shell.result(two, temp.resolve("2.out"), temp.resolve("2.err")).exitsWith(0);
    try (Stream<Path> files = Files.list(checkout.resolve(".burhan"))) {
      assertEquals(
          List.of(),
          files.filter(file -> file.getFileName().toString().startsWith("build.")).toList());
    }
  }

  @Test
  void failedBuildIsToldAndTriedAgain() throws Exception {
    String source = "launcher/src/main/java/dev/burhan/launcher/LaunchException.java";
    String before = Files.readString(checkout.resolve(source));
    append(source, "no Java");
    shell
        .run(checkout.resolve("burhan"), "--version")
        .exitsWith(1)
        .says("the build failed")
        .says(source);
    Files.writeString(checkout.resolve(source), before);
    assertBuilds(BUILDS_FIRST);
  }
}
