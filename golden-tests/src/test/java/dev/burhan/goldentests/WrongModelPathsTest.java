package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Someone names a file or folder that is no model: one line says what is there instead. */
class WrongModelPathsTest {
  @TempDir Path folder;

  private static String error(Path path) {
    var host = new FlatHost();
    var error =
        assertThrows(
            BurhanException.class, () -> host.openCheckpoint(path.toString(), Progress.NONE));
    String message = error.getMessage();
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.contains(path.getFileName().toString()), message);
    assertFalse(message.contains("Exception"), message);
    return message;
  }

  private static void assertSays(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), message + " should say: " + part);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.gguf | once upon a time | not a GGUF file | found text: 'once upon a time'",
        "model.gguf | '' | not a GGUF file | the file is empty",
        "model.gguf | GGUF | cut off at byte 4 | 24 bytes",
        "model.gguf | version https://git-lfs.github.com/spec/v1 | Git LFS pointer | git lfs pull",
        "model.gguf | <!DOCTYPE html><html></html> | not a GGUF file | a web page",
        "model.safetensors | version https://git-lfs.github.com/spec/v1 | Git LFS pointer | git lfs pull",
        "model.safetensors | <html><body>404</body></html> | not a safetensors file | a web page",
        "model.safetensors | '' | not a safetensors file | the file is empty",
        "model.safetensors | abc | not a safetensors file | the file has 3 bytes",
        "notes.txt | once upon a time | not a GGUF file | found text"
      })
  void aFileThatIsSomethingElseIsSaidToBe(String name, String text, String one, String other)
      throws Exception {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    assertSays(error(file), one, other);
  }

  @Test
  void aFolderWithoutConfigIsToldWhatItLacksAndWhatItHolds() throws Exception {
    Path model = Files.createDirectory(folder.resolve("model"));
    assertSays(error(model), "config.json", "the folder is empty");
    Files.writeString(model.resolve("model-00001-of-00002.safetensors"), "x");
    assertSays(error(model), "config.json", "'model-00001-of-00002.safetensors'");
    Files.writeString(model.resolve("a.gguf"), "x");
    assertSays(error(model), "name one of them (a.gguf)");
  }

  @Test
  void aFolderWhoseWeightsAreAnLfsPointerIsToldSo() throws Exception {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{}");
    Files.writeString(
        model.resolve("model.safetensors"), "version https://git-lfs.github.com/spec/v1\n");
    assertSays(error(model), "model.safetensors", "git lfs pull");
  }

  @Test
  void aLinkThatLeadsNowhereIsToldSo() throws Exception {
    Path link = folder.resolve("model.gguf");
    Files.createSymbolicLink(link, folder.resolve("gone.gguf"));
    assertSays(error(link), "leads nowhere");
    Path loop = folder.resolve("loop.gguf");
    Files.createSymbolicLink(loop, loop);
    assertSays(error(loop), "leads nowhere");
  }

  @Test
  void aFileWithoutPermissionIsToldSo() throws Exception {
    Path file = folder.resolve("model.gguf");
    Files.writeString(file, "GGUF");
    boolean refused = file.toFile().setReadable(false) && !Files.isReadable(file);
    Assumptions.assumeTrue(refused, "this user may read everything");
    assertSays(error(file), "no permission to read it");
  }
}
