package dev.burhan.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.ModelCatalog.Entry;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that come with an installation. */
class InstalledModelsTest {
  private static final String SHA256_OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir Path home;

  private Path model(String name) throws IOException {
    Path folder = Files.createDirectories(home.resolve("models").resolve(name));
    Files.writeString(folder.resolve("model.safetensors"), "abc");
    return folder;
  }

  @Test
  void eachFolderWithWeightsIsAModelThatItsCardDescribes() throws IOException {
    Path tiny = model("tiny");
    Files.writeString(tiny.resolve("README.md"), "---\nlicense: mit\n---\n\n# Tiny, a model\n");
    model("other");
    Files.createDirectories(home.resolve("models/empty"));
    InstalledModels models = new InstalledModels(Optional.of(home));
    assertEquals(
        List.of(
            new Entry("other", "other", "unknown", 3, SHA256_OF_ABC, List.of("this installation")),
            new Entry(
                "tiny", "Tiny, a model", "MIT", 3, SHA256_OF_ABC, List.of("this installation"))),
        models.entries());
    assertTrue(models.has("tiny") && !models.has("empty"));
    assertEquals(Optional.of(tiny), models.cached("tiny"));
    assertEquals(tiny, models.fetch("tiny", Progress.NONE));
    assertThrows(UsageException.class, () -> models.fetch("empty", Progress.NONE));
  }

  @Test
  void withoutAnInstallationThereAreNone() {
    assertEquals(List.of(), new InstalledModels(Optional.empty()).entries());
    assertEquals(List.of(), new InstalledModels(Optional.of(home)).entries());
  }
}
