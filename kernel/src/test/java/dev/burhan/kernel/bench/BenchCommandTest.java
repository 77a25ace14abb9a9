package dev.burhan.kernel.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.burhan.command.Command;
import dev.burhan.kernel.engine.ProductSpeeds.Speed;
import dev.burhan.kernel.engine.ScriptedModel;
import dev.burhan.kernel.machine.ReadBandwidth;
import dev.burhan.kernel.testing.RecordedIo;
import dev.burhan.provider.UsageException;
import dev.burhan.tensor.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
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

  private int run(String... words) throws InterruptedException {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("model=" + file, "threads=2"));
    if (all.stream().noneMatch(word -> word.startsWith("kernels="))) {
      all.add("kernels=off");
    }
    return new BenchCommand((memory, threads) -> ReadBandwidth.measure(memory, threads, 1 << 20))
        .run(RecordedIo.arguments(all.toArray(String[]::new)), io, model.host());
  }

  @Test
  void guessesAreCountedBesideTheSpeed() throws Exception {
    model.drafting(token -> token == 2);
    run(
        "backend=oracle",
        "prompt-tokens=0",
        "generated-tokens=40",
        "repetitions=2",
        "speculate=mtp:2",
        "--json");
    JsonNode decode = io.json().get("decode_by_depth").get(0);
    int drafted = decode.get("drafted_tokens").asInt();
    int accepted = decode.get("accepted_tokens").asInt();
    assertTrue(accepted > 0 && accepted < drafted, decode.toString());
    assertEquals((double) accepted / drafted, decode.get("acceptance").asDouble(), 1e-12);
    assertThrows(UsageException.class, () -> run("backend=oracle", "speculate=perhaps"));
  }

  @Test
  void bothSpeedsAreMeasuredBesideTheMachine() throws Exception {
    assertEquals(
        Command.DONE,
        run("backend=oracle", "prompt-tokens=20", "generated-tokens=5", "repetitions=3", "--json"));
    JsonNode json = io.json();
    assertEquals("oracle", json.get("backend").asText());
    assertEquals(2, json.get("threads").asInt());
    assertEquals(3, json.get("repetitions").asInt());
    for (String positive :
        List.of(
            "prefill_tokens_per_second",
            "decode_tokens_per_second",
            "load_seconds",
            "mapped_bytes",
            "time_to_first_token_seconds",
            "read_bandwidth_bytes_per_second",
            "decode_share_of_bandwidth",
            "processors")) {
      assertTrue(json.get(positive).asDouble() > 0, positive + " in " + json);
    }
    // q, k, v, o, head, one row of the embedding, two norms
    assertEquals(
        4 * (5 * SIZE * SIZE + SIZE + 2 * SIZE), json.get("weight_bytes_per_token").asInt());
    assertEquals(
        json.get("decode_tokens_per_second").asDouble()
            * json.get("weight_bytes_per_token").asInt(),
        json.get("decode_bytes_per_second").asDouble(),
        1e-3);
    assertTrue(model.allClosed());
  }

  @Test
  void severalSequencesAtOnceAreMeasuredBesideOne() throws Exception {
    run(
        "backend=oracle",
        "prompt-tokens=0",
        "generated-tokens=20",
        "repetitions=2",
        "parallel=3",
        "--json");
    JsonNode json = io.json();
    assertEquals(3, json.get("parallel_sequences").asInt());
    assertEquals(
        json.get("parallel_tokens_per_second").asDouble()
            / json.get("decode_tokens_per_second").asDouble(),
        json.get("parallel_of_one").asDouble(),
        1e-9);
    double engine = json.get("parallel_engine_share").asDouble();
    assertTrue(engine > 0 && engine < 1, json.toString());
    assertThrows(UsageException.class, () -> run("backend=oracle", "parallel=0"));
  }

  @Test
  void oneSequenceAloneHasNoFiguresOfSeveral() throws Exception {
    run("backend=oracle", "prompt-tokens=0", "generated-tokens=3", "repetitions=1", "--json");
    assertFalse(io.json().has("parallel_sequences"));
  }

  @Test
  void eachBackendGetsAnObjectOfItsOwn() throws Exception {
    run(
        "backend=oracle,oracle",
        "prompt-tokens=4",
        "generated-tokens=2",
        "repetitions=1",
        "--json");
    List<String> lines = io.output().lines().toList();
    assertEquals(2, lines.size());
    for (String line : lines) {
      assertEquals("oracle", new ObjectMapper().readTree(line).get("backend").asText());
    }
  }

  @Test
  void onePartAloneCanBeMeasured() throws Exception {
    run("backend=oracle", "prompt-tokens=0", "generated-tokens=3", "repetitions=1", "--json");
    assertTrue(io.json().get("prefill_tokens_per_second").isNull());
    assertTrue(io.json().get("decode_tokens_per_second").asDouble() > 0);
  }

  @Test
  void decodingIsMeasuredAtEachDepth() throws Exception {
    run(
        "backend=oracle",
        "prompt-tokens=0",
        "generated-tokens=3",
        "repetitions=2",
        "depth=0, 70",
        "--json");
    JsonNode depths = io.json().get("decode_by_depth");
    assertEquals(2, depths.size());
    assertEquals(70, depths.get(1).get("depth").asInt());
    assertTrue(depths.get(1).get("tokens_per_second").asDouble() > 0);
    assertEquals(
        depths.get(0).get("tokens_per_second").asDouble(),
        io.json().get("decode_tokens_per_second").asDouble());
  }

  @Test
  void aDepthThatLeavesNoRoomIsRefused() {
    String deepest = Integer.toString(ScriptedModel.CONTEXT - 4);
    assertThrows(
        UsageException.class,
        () -> run("backend=oracle", "prompt-tokens=0", "generated-tokens=4", "depth=" + deepest));
    assertThrows(UsageException.class, () -> run("depth=-1"));
    assertThrows(UsageException.class, () -> run("depth=1,x"));
  }

  @Test
  void textShowsSpeedsAndShareOfBandwidth() throws Exception {
    run("backend=oracle", "prompt-tokens=4", "generated-tokens=2", "repetitions=2");
    assertTrue(io.output().contains("prefill    4 tokens"), io.output());
    assertTrue(io.output().contains("that a plain read loop gets"), io.output());
  }

  @Test
  void productsOfTheModelsTypesAreComparedWithF32() throws Exception {
    run(
        "backend=oracle",
        "prompt-tokens=1",
        "generated-tokens=0",
        "repetitions=1",
        "kernels=model",
        "--json");
    JsonNode kernels = io.json().get("kernels");
    assertEquals(1, kernels.size());
    assertEquals("F32", kernels.get(0).get("type").asText());
    assertTrue(kernels.get(0).get("decode_multiply_adds_per_second").asDouble() > 0);
    assertEquals(1, kernels.get(0).get("prefill_of_f32").asDouble());
  }

  @Test
  void aKernelThatIsFarSlowerThanF32IsSuspicious() {
    KernelCheck check =
        new KernelCheck(
            List.of(
                new Speed(DataType.F32, 10e9, 50e9),
                new Speed(DataType.Q4_K, 30e9, 40e9),
                new Speed(DataType.Q6_K, 20e9, 2e9)));
    assertFalse(check.suspicious(check.speeds().get(0)));
    assertFalse(check.suspicious(check.speeds().get(1)));
    assertTrue(check.suspicious(check.speeds().get(2)));
    assertThrows(UsageException.class, () -> run("kernels=some"));
  }

  @Test
  void nothingToMeasureIsWrongUsage() {
    assertThrows(UsageException.class, () -> run("prompt-tokens=0", "generated-tokens=0"));
    assertThrows(UsageException.class, () -> run("repetitions=0"));
  }

  @Test
  void deviationIsTheSamples() {
    Statistics statistics = Statistics.of(2, 4, 4, 4, 5, 5, 7, 9);
    assertEquals(5, statistics.mean());
    assertEquals(Math.sqrt(32.0 / 7), statistics.deviation(), 1e-12);
    assertEquals(0, Statistics.of(3).deviation());
  }
}
