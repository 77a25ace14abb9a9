package dev.burhan.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.command.Arguments;
import dev.burhan.command.CommandIo;
import dev.burhan.engine.Engine;
import dev.burhan.provider.Host;
import dev.burhan.provider.HostMemory;
import dev.burhan.provider.Progress;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
  @TempDir Path folder;

  /** A host that has a catalogue and nothing else. */
  private record CatalogueHost(Catalogue catalogue) implements Host {
    @Override
    public <P extends Provider> List<P> providers(Class<P> type) {
      return type.isInstance(catalogue) ? List.of(type.cast(catalogue)) : List.of();
    }

    @Override
    public <P extends Provider> P provider(Class<P> type, String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Checkpoint openCheckpoint(String model, Progress progress) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Tokenizer tokenizer(Checkpoint checkpoint) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<ChatFormat> chatFormat(Checkpoint checkpoint) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Engine engine() {
      throw new UnsupportedOperationException();
    }

    @Override
    public HostMemory memory() {
      throw new UnsupportedOperationException();
    }
  }

  /** Output into memory. */
  private record Io(ByteArrayOutputStream bytes, PrintStream out) implements CommandIo {
    static Io create() {
      var bytes = new ByteArrayOutputStream();
      return new Io(bytes, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public InputStream in() {
      return InputStream.nullInputStream();
    }

    @Override
    public PrintStream err() {
      return out;
    }

    @Override
    public boolean inputIsTerminal() {
      return false;
    }

    @Override
    public boolean outputIsTerminal() {
      return false;
    }

    @Override
    public boolean colour() {
      return false;
    }

    @Override
    public Progress progress() {
      return Progress.NONE;
    }
  }

  private static Arguments words(String... operands) {
    return new Arguments(Map.of(), List.of(operands));
  }

  @Test
  void pullPrintsWhereTheModelIs() throws Exception {
    try (var hub = new LoopbackHub(Scene.CONTENT)) {
      var scene = new Scene(folder).hub(hub.address());
      Io io = Io.create();
      assertEquals(
          0, new PullCommand().run(words("tiny"), io, new CatalogueHost(scene.catalogue())));
      assertEquals(scene.file().toString(), io.text().strip());
    }
  }

  @Test
  void pullRefusesUnknownNamesBeforeItFetchesAnything() {
    var host = new CatalogueHost(new Scene(folder).catalogue());
    var unknown =
        assertThrows(
            UsageException.class,
            () -> new PullCommand().run(words("tiny", "tinny"), Io.create(), host));
    assertEquals(
        "there is no model 'tinny' in the catalogue; it has tiny, smollm2, qwen2.5-coder-0.5b",
        unknown.getMessage());
    assertThrows(UsageException.class, () -> new PullCommand().run(words(), Io.create(), host));
  }

  @Test
  void modelsTellsWhichAreHere() throws Exception {
    var scene = new Scene(folder);
    scene.lay("", Scene.CONTENT);
    Io io = Io.create();
    assertEquals(0, new ModelsCommand().run(words(), io, new CatalogueHost(scene.catalogue())));
    List<String> lines = io.text().lines().toList();
    assertEquals(4, lines.size(), io::text);
    assertTrue(
        lines.get(1).startsWith("tiny ") && lines.get(1).endsWith(scene.file().toString()),
        io::text);
    assertTrue(
        lines.get(2).contains("98 MB") && lines.get(2).contains("not here yet; model hub"),
        io::text);
  }

  @Test
  void modelsSpeaksJson() throws Exception {
    Io io = Io.create();
    var flag = new Arguments(Map.of("json", List.of("")), List.of());
    assertEquals(
        0, new ModelsCommand().run(flag, io, new CatalogueHost(new Scene(folder).catalogue())));
    int objects = 0;
    try (var json = new JsonFactory().createParser(io.text())) {
      for (var token = json.nextToken(); token != null; token = json.nextToken()) {
        objects += token == com.fasterxml.jackson.core.JsonToken.START_OBJECT ? 1 : 0;
      }
    }
    assertEquals(3, objects);
    assertTrue(io.text().contains("\"present\":false"), io::text);
  }
}
