package dev.burhan.goldentests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.burhan.backend.Plan;
import dev.burhan.command.Command;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.FinishReason;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.kernel.receipt.KernelReceipts;
import dev.burhan.kernel.receipt.ReplayCommand;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.Host;
import dev.burhan.provider.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receipts of answers that were made in company, replayed alone, on tiny models of each family. */
class ReceiptReplayTest {
  private static final int TOGETHER = 5;
  private static final int CONTEXT = 256;

  @TempDir Path temp;
  private final Host host = new FlatHost();

  private static Path model(String name) {
    return References.folder().resolve("models").resolve(name);
  }

  /** Generates several at once, and writes the receipt of each. */
  private List<Path> receipts(String model, String backend) throws Exception {
    LoadRequest load =
        new LoadRequest(model(model).toString(), Optional.of(backend), 2, CONTEXT, Map.of());
    List<Path> files = new ArrayList<>();
    try (LoadedModel loaded = host.engine().load(load, Progress.NONE)) {
      Random random = new Random(5);
      int[] beginning = random.ints(70, 0, loaded.info().vocabulary()).toArray();
      List<GenerationRequest> requests = new ArrayList<>();
      List<Generation> generations = new ArrayList<>();
      for (int i = 0; i < TOGETHER; i++) {
        int[] prompt = Arrays.copyOf(beginning, 1 + random.nextInt(beginning.length));
        SamplingParameters sampling =
            SamplingParameters.reasoning(random.nextLong())
                .withTemperature(1)
                .withTopP(1)
                .withPenalties(1.1, 0.2, 0.1)
                .withLogitBias(Map.of(3, 2.0));
        requests.add(
            new GenerationRequest(
                Arrays.stream(prompt).boxed().toList(), 30, sampling, List.of(), true, Map.of()));
        generations.add(loaded.generate(requests.getLast()));
      }
      for (int i = 0; i < TOGETHER; i++) {
        files.add(write(loaded, requests.get(i), generations.get(i), i));
      }
    }
    return files;
  }

  private Path write(
      LoadedModel loaded, GenerationRequest request, Generation generation, int number)
      throws Exception {
    List<Integer> tokens = new ArrayList<>();
    FinishReason reason = null;
    try (generation) {
      for (GenerationEvent event = generation.next(); event != null; event = generation.next()) {
        switch (event) {
          case GenerationEvent.Text text -> text.tokens().forEach(token -> tokens.add(token.id()));
          case GenerationEvent.Finished finished -> reason = finished.reason();
          default -> {}
        }
      }
    }
    assertEquals(30, tokens.size());
    String receipt =
        new KernelReceipts()
            .write(host, loaded, loaded.name(), loaded.plan(), request, tokens, reason);
    return Files.writeString(temp.resolve("receipt" + number + ".json"), receipt);
  }

  private record Replayed(int code, JsonNode json) {
    List<String> differences() {
      List<String> differences = new ArrayList<>();
      json.get("differences").forEach(line -> differences.add(line.asText()));
      return differences;
    }
  }

  private Replayed replay(Path receipt, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of(receipt.toString(), "--json", "threads=1"));
    words.addAll(List.of(more));
    RecordedIo io = new RecordedIo();
    int code =
        new ReplayCommand().run(RecordedIo.arguments(words.toArray(String[]::new)), io, host);
    return new Replayed(code, io.json());
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen2_tied/f32", "llama_rope3/bf16", "dsv3_tiny/f32", "dsv3_fp8/fp8"})
  void answersOfABatchAreReplayedAloneToTheBit(String model) throws Exception {
    for (Path receipt : receipts(model, "vector")) {
      Replayed replayed = replay(receipt);
      assertEquals(Command.DONE, replayed.code(), replayed.json()::toString);
      assertEquals(List.of(), replayed.differences());
    }
  }

  @Test
  void otherNumericsAreToldWhetherOrNotTheyMatter() throws Exception {
    Path receipt = receipts("qwen2_tied/f32", "vector").getFirst();
    Replayed oracle = replay(receipt, "backend=oracle");
    assertTrue(
        oracle.differences().stream().anyMatch(line -> line.startsWith("the numerics: receipt v")),
        oracle.json()::toString);
    Replayed rounded = replay(receipt, "kv-type=f16");
    assertTrue(
        rounded.differences().stream().anyMatch(line -> line.contains("kv-f16")),
        rounded.json()::toString);
  }

  @Test
  void receiptOfAnAnswerThatChangedItsBackendSaysSo() throws Exception {
    String model = model("qwen2_tied/f32").toString();
    LoadRequest load = new LoadRequest(model, Optional.of("vector"), 2, CONTEXT, Map.of());
    Path file = temp.resolve("exchanged.json");
    try (LoadedModel loaded = host.engine().load(load, Progress.NONE)) {
      Plan begun = loaded.plan();
      GenerationRequest request =
          GenerationRequest.of(new int[] {1, 2, 3}, 20, SamplingParameters.greedy());
      loaded.exchange(Optional.of("oracle"), false);
      String receipt =
          new KernelReceipts()
              .write(host, loaded, model, begun, request, List.of(4), FinishReason.CANCELLED);
      Files.writeString(file, receipt);
    }
    String differences = String.join("\n", replay(file).differences());
    assertTrue(differences.contains(", then oracle"), differences);
    assertTrue(differences.contains("not batch invariant"), differences);
  }

  @Test
  void anotherModelIsToldAndItsAnswerDeparts() throws Exception {
    Path receipt = receipts("qwen2_tied/f32", "vector").getFirst();
    Replayed other = replay(receipt, "model=" + model("qwen2_untied/f32"));
    assertEquals(Command.FAILED, other.code(), other.json()::toString);
    assertTrue(
        other.differences().stream().anyMatch(line -> line.startsWith("the model's content: ")),
        other.json()::toString);
  }
}
