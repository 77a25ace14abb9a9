package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class FindJdkTest {
  private static final Path JDK = Path.of(System.getProperty("java.home"));

  @TempDir static Path programs;
  @TempDir Path temp;

  private Shell shell;
  private Path path;
  private Path jvms;

  @BeforeAll
  static void usualProgramsWithoutJava() throws IOException {
    for (Path folder : List.of(Path.of("/usr/bin"), Path.of("/bin"))) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path program : files.toList()) {
          if (!program.getFileName().toString().startsWith("java")) {
            link(programs.resolve(program.getFileName()), program);
          }
        }
      }
    }
  }

  /** A machine without Java. */
  @BeforeEach
  void noJava() throws IOException {
    path = Files.createDirectory(temp.resolve("path"));
    jvms = Files.createDirectory(temp.resolve("jvm"));
    shell =
        new Shell()
            .in(temp)
            .without("JAVA_HOME")
            .with("PATH", path + ":" + programs)
            .with("BURHAN_JVM_DIR", jvms)
            .with("SDKMAN_DIR", temp.resolve("sdkman"));
  }

  private static void link(Path link, Path target) throws IOException {
    try {
      Files.createSymbolicLink(link, target);
    } catch (FileAlreadyExistsException e) {
      // /bin and /usr/bin are often one
    }
  }

  /** Something that looks like an installed Java of that version and fails if it is started. */
  private Path installed(Path folder, String version, String... programs) throws IOException {
    Files.createDirectories(folder.resolve("bin"));
    Files.writeString(folder.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    for (String program : programs) {
      script(folder.resolve("bin").resolve(program), "exit 1");
    }
    return folder;
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Shell.Result find(String kind) throws Exception {
    Path finder = Places.root().resolve("tools/find-jdk");
    return shell.run("/bin/sh", "-euc", ". \"$0\"; find_jdk $1; echo \"$JAVA_HOME\"", finder, kind);
  }

  private void finds(Path expected) throws Exception {
    assertEquals(
        expected.toRealPath(), Path.of(find("jdk").exitsWith(0).out().strip()).toRealPath());
  }

  @Test
  void onlyJava17OnPathIsOneLineThatSaysWhatToDo() throws Exception {
    link(
        path.resolve("java"),
        installed(temp.resolve("jdk-17"), "17.0.15", "java", "javac").resolve("bin/java"));
    for (String program : List.of("mvnw", "burhan")) {
      shell
          .run(Places.root().resolve(program), "--version")
          .exitsWith(1)
          .saysOneLine()
          .says(
              "Java 25 or newer is needed; found: Java 17 ("
                  + temp.resolve("jdk-17").toRealPath()
                  + ")")
          .says("apt install openjdk-25-jdk");
    }
  }

  @Test
  void noJavaAtAllIsOneLineThatSaysWhatToDo() throws Exception {
    for (Path program :
        List.of(
            Places.root().resolve("mvnw"),
            Places.root().resolve("burhan"),
            Places.distribution().resolve("bin/burhan"))) {
      shell
          .run(program, "--version")
          .exitsWith(1)
          .saysOneLine()
          .says("found: no Java")
          .says("JAVA_HOME");
    }
  }

  @Test
  void javaHomeGoesFirst() throws Exception {
    link(
        path.resolve("java"),
        installed(temp.resolve("jdk-26"), "26", "java", "javac").resolve("bin/java"));
    shell.with("JAVA_HOME", JDK);
    finds(JDK);
  }

  @Test
  void tooOldJavaHomeIsPassedOver() throws Exception {
    shell.with("JAVA_HOME", installed(temp.resolve("jdk-21"), "21.0.1", "java", "javac"));
    link(jvms.resolve("jdk-25"), JDK);
    finds(JDK);
  }

  @Test
  void brokenJavaHomeIsPassedOver() throws Exception {
    shell.with("JAVA_HOME", temp.resolve("no such folder"));
    link(jvms.resolve("jdk-25"), JDK);
    finds(JDK);
  }

  @Test
  void linksOnPathLeadToTheJdk() throws Exception {
    link(temp.resolve("alternatives-java"), JDK.resolve("bin/java"));
    link(path.resolve("java"), temp.resolve("alternatives-java"));
    finds(JDK);
  }

  @Test
  void shimOfAVersionManagerIsAskedForItsHome() throws Exception {
    script(path.resolve("java"), "exec '" + JDK.resolve("bin/java") + "' \"$@\"");
    finds(JDK);
  }

  @Test
  void oldestFittingOfSeveralIsTaken() throws Exception {
    installed(jvms.resolve("jdk-17"), "17.0.2", "java", "javac");
    installed(jvms.resolve("a-jdk-27"), "27-ea", "java", "javac");
    Path expected = installed(jvms.resolve("jdk 25 with spaces"), "25.0.1", "java", "javac");
    finds(expected);
  }

  @Test
  void sdkmanIsLookedInto() throws Exception {
    Path candidates = Files.createDirectories(temp.resolve("sdkman/candidates/java"));
    link(candidates.resolve("current"), candidates.resolve("gone"));
    link(candidates.resolve("25-tem"), JDK);
    finds(JDK);
  }

  @Test
  void runtimeWithoutCompilerRunsButDoesNotBuild() throws Exception {
    Path jre = installed(jvms.resolve("jre-25"), "25", "java");
    assertEquals(jre.toString(), find("jre").exitsWith(0).out().strip());
    find("jdk").exitsWith(1).says("Java 25 without a compiler");
  }
}
