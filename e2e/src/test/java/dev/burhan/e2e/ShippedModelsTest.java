package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The models that come with the distribution, as a user without a network meets them. */
class ShippedModelsTest {
  private static final String R1 = "burhan-tiny-r1";
  private static final String QWEN = "burhan-tiny-distill-qwen";
  private static final String LLAMA = "burhan-tiny-distill-llama";
  private static final long MOST_BYTES = 24_000_000;

  @TempDir Path temp;

  private static Path models() {
    return Places.distribution().resolve("models");
  }

  private static Path gguf(String model) {
    return models().resolve("gguf").resolve(model + "-bf16.gguf");
  }

  /** With an empty cache and no way to a network, as far as the machine can take it away. */
  private Shell.Result burhan(Object... args) throws Exception {
    Shell shell =
        new Shell()
            .with("BURHAN_CACHE", temp.resolve("cache"))
            .with("http_proxy", "http://127.0.0.1:9")
            .with("https_proxy", "http://127.0.0.1:9");
    var command = new ArrayList<>(Shell.withoutNetwork());
    command.add(Places.distribution().resolve("bin/burhan"));
    command.addAll(List.of(args));
    return shell.run(command.toArray()).exitsWith(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"flat", "--osgi"})
  void theFirstCommandThinksChecksAndAnswers(String mode) throws Exception {
    String question = "What is 47 + 385?";
    Shell.Result result =
        mode.equals("flat")
            ? burhan("run", "--show-thinking", question)
            : burhan(mode, "run", "--show-thinking", question);
    String thought = result.out().substring(0, result.out().indexOf("</think>"));
    assertTrue(thought.contains("check 47:"), result.out());
    assertTrue(thought.contains(" ok"), result.out());
    assertTrue(result.out().strip().endsWith("\\boxed{432}."), result.out());
  }

  @Test
  void whatItCannotAnswerComesWithAWayToAnotherModel() throws Exception {
    burhan("run", "--temperature", 0, "Who was Goethe?").says("burhan models");
  }

  @ParameterizedTest
  @ValueSource(strings = {R1, QWEN, LLAMA})
  void solvesMoreThanNineInTenHeldOutProblems(String model) throws Exception {
    String[] args = {
      "eval", "arithmetic", "--model", model, "--digits", "trained", "--limit", "150", "--json"
    };
    JsonNode told = new ObjectMapper().readTree(burhan((Object[]) args).out());
    JsonNode all = told.get("totals").get(told.get("totals").size() - 1);
    assertTrue(all.get("problems").asInt() > 100, told.toString());
    assertTrue(all.get("accuracy").asDouble() > 0.9, told.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {R1, QWEN, LLAMA})
  void bothFormsGiveTheSameTextOnEveryBackend(String model) throws Exception {
    String wanted = text(model, "vector", "off");
    assertTrue(wanted.contains("\\boxed{18095}"), wanted);
    assertEquals(wanted, text(model, "oracle", "off"));
    assertEquals(wanted, text(model, "blas", "off"));
    assertEquals(wanted, text(gguf(model), "vector", "off"));
  }

  private String text(Object model, String backend, String speculate) throws Exception {
    return answer(model, backend, speculate).out();
  }

  private Shell.Result answer(Object model, String backend, String speculate) throws Exception {
    Object[] args = {
      "run", "--model", model, "--backend", backend, "--speculate", speculate, "--temperature", 0
    };
    var command = new ArrayList<>(List.of(args));
    command.addAll(List.of("--show-thinking", "What is 47 * 385?"));
    return burhan(command.toArray());
  }

  @Test
  void whatItsMtpLayerGuessesIsMostlyTakenAndChangesNothing() throws Exception {
    Shell.Result guessed = answer(R1, "vector", "mtp");
    assertEquals(text(R1, "vector", "off"), guessed.out());
    Matcher counts = Pattern.compile("(\\d+) of (\\d+) guesses accepted").matcher(guessed.err());
    assertTrue(counts.find(), guessed.err());
    int guesses = Integer.parseInt(counts.group(2));
    assertTrue(guesses > 20 && Integer.parseInt(counts.group(1)) > guesses / 2, guessed.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {R1, QWEN, LLAMA})
  void theGgufFileIsWhatConvertMakes(String model) throws Exception {
    Path made = temp.resolve("made.gguf");
    burhan("convert", models().resolve(model), made);
    assertArrayEquals(Files.readAllBytes(made), Files.readAllBytes(gguf(model)));
    Path usual = Files.createFile(temp.resolve("usual"));
    assertEquals(Files.getPosixFilePermissions(usual), Files.getPosixFilePermissions(made));
  }

  @Test
  void allOfThemAreSmallAndHaveACard() throws Exception {
    for (String model : List.of(R1, QWEN, LLAMA)) {
      String card = Files.readString(models().resolve(model).resolve("README.md"));
      assertTrue(card.contains("license: mit") && card.contains("## Limits"), card);
    }
    assertTrue(bytes(models()) < MOST_BYTES, bytes(models()) + " bytes");
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
      return sum;
    }
  }
}
