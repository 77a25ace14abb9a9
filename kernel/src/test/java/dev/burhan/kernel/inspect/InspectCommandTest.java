package dev.burhan.kernel.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointFormat;
import dev.burhan.command.Command;
import dev.burhan.kernel.engine.ScriptedModel;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.registry.KernelHost;
import dev.burhan.kernel.registry.ProviderRegistry;
import dev.burhan.kernel.testing.MemoryCheckpoint;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  private static final int SIZE = 8; // the scripted model's width and vocabulary

  @TempDir Path folder;
  private final RecordedIo io = new RecordedIo();
  private Path file;
  private ScriptedModel model;

  @BeforeEach
  void makeModel() throws IOException {
    file = Files.createFile(folder.resolve("model"));
    model = new ScriptedModel(file, "a", "b", "c", "d", "e", "f");
  }

  private int run(Host host, String... words) throws IOException {
    return new InspectCommand().run(RecordedIo.arguments(words), io, host);
  }

  @Test
  void planAndTensorsAreCountedWithoutReadingAWeight() throws IOException {
    assertEquals(
        Command.DONE,
        run(model.host(), file.toString(), "backend=oracle", "context=128", "threads=1", "--json"));
    JsonNode json = io.json();
    assertEquals(7, json.get("tensors").asInt());
    assertEquals(6 * SIZE * SIZE + SIZE, json.get("parameters").asInt());
    assertEquals(4 * (6 * SIZE * SIZE + SIZE), json.get("bytes").asInt());
    assertEquals("F32", json.get("types").get(0).get("type").asText());
    JsonNode plan = json.get("plan");
    assertEquals("oracle", plan.get("backend").asText());
    assertTrue(plan.get("possible").asBoolean());
    assertEquals(2 * SIZE * 4, plan.get("kv_bytes_per_token").asInt()); // key and value in F32
    assertEquals(2 * SIZE * 4 * 128, plan.get("kv_bytes").asInt());
    assertEquals(2 * 5 * SIZE * SIZE, plan.get("flops_per_token").asInt()); // q, k, v, o, head
    assertEquals(1, json.get("architecture").get("layers").asInt());
    assertFalse(json.get("architecture").get("tied_embeddings").asBoolean());
    assertFalse(model.anyRead());
    assertTrue(model.allClosed());
  }

  @Test
  void textNamesWhatPeopleLookFor() throws IOException {
    run(model.host(), file.toString(), "backend=oracle");
    for (String part :
        new String[] {
          "2 query heads", "F32", "KV cache", "a token costs", "general.architecture"
        }) {
      assertTrue(io.output().contains(part), part + " in\n" + io.output());
    }
  }

  @Test
  void graphHasALineForEachNodeAndOutput() throws IOException {
    run(model.host(), "model=" + file, "backend=oracle", "--graph");
    assertEquals(12 + 2, io.output().lines().count(), io.output());
    assertTrue(io.output().contains("| %2 (8) = Linear(%1) | q F32 (8, 8) | q"), io.output());
    assertTrue(io.output().contains(" out | logits = %"), io.output());
  }

  @Test
  void picturesAreWritten() throws IOException {
    Path svg = folder.resolve("graph.svg");
    Path dot = folder.resolve("graph.dot");
    run(model.host(), file.toString(), "backend=oracle", "svg=" + svg, "dot=" + dot);
    assertEquals("", io.output());
    assertTrue(Files.readString(svg).startsWith("<svg "));
    assertTrue(Files.readString(dot).contains("Attention"));
  }

  @Test
  void withoutAUsableBackendThePlanIsMissingAndTheRestIsShown() throws IOException {
    run(model.host(), file.toString(), "--json"); // the oracle is never chosen by itself
    assertTrue(io.json().get("plan").isNull());
    assertTrue(io.json().get("missing").get(0).asText().contains("no backend"), io.output());
    assertEquals(1, io.json().get("architecture").get("layers").asInt());
  }

  private final class StrangeFormat implements CheckpointFormat {
    @Override
    public String name() {
      return "strange";
    }

    @Override
    public boolean recognises(Path path) {
      return true;
    }

    @Override
    public Checkpoint open(Path path) {
      long[] many = new long[1000];
      return new MemoryCheckpoint("gguf")
          .key("general.architecture", "mamba-from-mars")
          .key("mars.table", many)
          .tensor("x", Shape.of(2, 2), new float[4]);
    }
  }

  private Host strangers() {
    ProviderRegistry registry = new ProviderRegistry();
    registry.add(new StrangeFormat());
    registry.add(new OracleProvider());
    return new KernelHost(registry);
  }

  @Test
  void unknownArchitectureStillShowsTensorsAndMetadata() throws IOException {
    assertEquals(Command.DONE, run(strangers(), file.toString()));
    assertTrue(io.output().contains("mamba-from-mars"), io.output());
    assertTrue(io.output().contains("not shown: graph and plan:"), io.output());
    assertTrue(io.output().contains("[0,0,0,0, ...  (1000 items)"), io.output());
  }

  @Test
  void graphOfAnUnknownArchitectureIsAnError() {
    BurhanException error =
        assertThrows(BurhanException.class, () -> run(strangers(), file.toString(), "--graph"));
    assertTrue(error.getMessage().contains("mamba-from-mars"), error.getMessage());
  }

  @Test
  void pictureGoesIntoAFolderThatIsThere() {
    Path nowhere = folder.resolve("nowhere").resolve("graph.svg");
    BurhanException error =
        assertThrows(
            BurhanException.class,
            () -> run(model.host(), file.toString(), "backend=oracle", "svg=" + nowhere));
    assertTrue(error.getMessage().contains("there is no folder"), error.getMessage());
  }

  @Test
  void exactlyOneModelIsNamed() {
    assertThrows(UsageException.class, () -> run(model.host()));
    assertThrows(UsageException.class, () -> run(model.host(), "a", "b"));
    assertThrows(
        UsageException.class,
        () -> run(model.host(), file.toString(), "backend=oracle", "context=401"));
  }
}
