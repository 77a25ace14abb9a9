package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionTest {
  @TempDir Path temp;

  private static Path start() {
    return Places.distribution().resolve("bin/burhan");
  }

  /** Flat for an empty mode. */
  private static Shell.Result run(Shell shell, String mode, Object... args) throws Exception {
    var command = new ArrayList<Object>(List.of(start()));
    if (!mode.isEmpty()) {
      command.add(mode);
    }
    command.addAll(List.of(args));
    return shell.run(command.toArray());
  }

  @Test
  void noPackageIsInTwoJars() throws IOException {
    Map<String, List<String>> owners = new TreeMap<>();
    for (String folder : List.of("lib", "bundle", "system", "on-demand")) {
      for (Path jar : Places.jars(Places.distribution().resolve(folder))) {
        packages(jar)
            .forEach(
                name ->
                    owners
                        .computeIfAbsent(name, key -> new ArrayList<>())
                        .add(jar.getFileName().toString()));
      }
    }
    // The framework carries the OSGi API that others compile against, SCR and SPI-Fly embed what
    // they use of it.
    owners.keySet().removeIf(name -> name.startsWith("org.osgi."));
    owners.values().removeIf(jars -> jars.size() == 1);
    assertEquals(Map.of(), owners);
  }

  private static TreeSet<String> packages(Path jar) throws IOException {
    var names = new TreeSet<String>();
    try (var file = new JarFile(jar.toFile())) {
      file.stream()
          .map(entry -> entry.getName())
          .filter(
              name ->
                  name.endsWith(".class") && name.contains("/") && !name.startsWith("META-INF/"))
          .forEach(name -> names.add(name.substring(0, name.lastIndexOf('/')).replace('/', '.')));
    }
    return names;
  }

  @Test
  void everyBundleIsAccountedForInTheNotices() throws IOException {
    String notices = Files.readString(Places.distribution().resolve("THIRD-PARTY.md"));
    for (String folder : List.of("lib", "bundle", "system", "on-demand")) {
      for (Path jar : Places.jars(Places.distribution().resolve(folder))) {
        try (var file = new JarFile(jar.toFile())) {
          boolean ours =
              file.getEntry("META-INF/maven/dev.burhan/") != null
                  || file.stream().anyMatch(entry -> entry.getName().startsWith("dev/burhan/"));
          String name = jar.getFileName().toString().replaceFirst("-\\d.*", "");
          assertTrue(
              ours || notices.contains("`" + name + "`"), name + " is missing in THIRD-PARTY.md");
        }
      }
    }
  }

  @Test
  void licenceIsInIt() {
    assertTrue(Files.exists(Places.distribution().resolve("LICENSE")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--osgi"})
  void doneIsZero(String mode) throws Exception {
    var result = run(new Shell(), mode, "--version").exitsWith(0);
    assertTrue(result.out().startsWith("burhan "), result.out());
    assertEquals("", result.said());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--osgi"})
  void helpListsTheCommandsOfAllBundles(String mode) throws Exception {
    var result = run(new Shell(), mode, "--help").exitsWith(0);
    for (String command :
        List.of("run", "logits", "backends", "tokenize", "detokenize", "render")) {
      assertTrue(result.out().contains("\n  " + command + " "), command + " in\n" + result.out());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--osgi"})
  void failedIsOne(String mode) throws Exception {
    Path torn = Files.writeString(temp.resolve("torn.gguf"), "GGUF and then nothing");
    run(new Shell(), mode, "run", "--model", torn, "hello")
        .exitsWith(1)
        .saysOneLine()
        .says("torn.gguf");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--osgi"})
  void wrongUsageIsTwo(String mode) throws Exception {
    run(new Shell(), mode, "rum").exitsWith(2).saysOneLine().says("did you mean run?");
    run(new Shell(), mode, "run", "--modle", "x")
        .exitsWith(2)
        .saysOneLine()
        .says("did you mean --model?");
    run(new Shell(), mode, "perplexity").exitsWith(2).saysOneLine().says("--model");
  }

  @Test
  void runsFromAnywhereThroughALinkAndInAFolderWithSpaces() throws Exception {
    Path home = temp.resolve("a folder/with spaces & more");
    Places.copy(Places.distribution(), home);
    Path link = Files.createSymbolicLink(temp.resolve("burhan link"), home.resolve("bin/burhan"));
    new Shell().in(temp).run(link, "--version").exitsWith(0);
    new Shell().in(Path.of("/")).run(link, "--osgi", "--version").exitsWith(0);
  }

  @Test
  void bundleThatDoesNotResolveIsNamedWithItsReason() throws Exception {
    Path home = temp.resolve("home");
    Places.copy(Places.distribution(), home);
    Jars.write(
        home.resolve("bundle/broken.jar"),
        Map.of(
            "Bundle-ManifestVersion", "2",
            "Bundle-SymbolicName", "dev.burhan.broken",
            "Import-Package", "does.not.exist"));
    new Shell()
        .run(home.resolve("bin/burhan"), "--osgi", "--version")
        .exitsWith(1)
        .says("dev.burhan.broken")
        .says("does.not.exist");
  }

  @Test
  void startsInFelixAtOnceDoNotMeetAndLeaveNothing() throws Exception {
    Path cache = temp.resolve("cache");
    var starts = new ArrayList<Process>();
    for (int i = 0; i < 3; i++) {
      starts.add(
          new Shell()
              .with("BURHAN_CACHE", cache)
              .start(
                  temp.resolve(i + ".out"),
                  temp.resolve(i + ".err"),
                  start(),
                  "--osgi",
                  "--version"));
    }
    for (int i = 0; i < 3; i++) {
      Shell.result(starts.get(i), temp.resolve(i + ".out"), temp.resolve(i + ".err")).exitsWith(0);
    }
    try (var left = Files.list(cache.resolve("osgi"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void whatAKilledRunLeftIsRemovedByTheNext() throws Exception {
    Path osgi = Files.createDirectories(temp.resolve("osgi"));
    Files.createFile(osgi.resolve("0.lock"));
    Files.createDirectories(osgi.resolve("0/bundle1"));
    new Shell().with("BURHAN_CACHE", temp).run(start(), "--osgi", "--version").exitsWith(0);
    assertFalse(Files.exists(osgi.resolve("0")));
    assertFalse(Files.exists(osgi.resolve("0.lock")));
  }

  @Test
  void missingJvmFlagIsNamed() throws Exception {
    Path launcher = Places.jars(Places.distribution().resolve("lib")).getFirst();
    new Shell()
        .run(
            Path.of(System.getProperty("java.home"), "bin/java"),
            "-cp",
            launcher,
            "dev.burhan.launcher.Main")
        .exitsWith(1)
        .saysOneLine()
        .says("--add-modules jdk.incubator.vector");
  }

  @Test
  void loggingIsQuietUnlessAsked() throws Exception {
    run(
            new Shell().with("BURHAN_JAVA_OPTS", "-Dorg.slf4j.simpleLogger.defaultLogLevel=info"),
            "--osgi",
            "--version")
        .exitsWith(0);
    assertEquals("", run(new Shell(), "--osgi", "--help").exitsWith(0).said());
  }
}
