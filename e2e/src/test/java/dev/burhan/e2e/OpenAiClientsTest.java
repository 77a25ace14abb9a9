package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.ReasoningEffort;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The unmodified openai clients of Python, Node and Java chat, stream and fail against {@code
 * burhan serve} with SmolLM2. Versions are pinned in e2e/clients and in the root pom.
 */
class OpenAiClientsTest {
  @TempDir static Path temp;

  private static Served served;

  @BeforeAll
  static void start() throws Exception {
    served = Served.start(temp, Needs.smolLm2());
  }

  @AfterAll
  static void stop() {
    if (served != null) {
      served.close();
    }
  }

  private static Path clients() {
    return Places.root().resolve("e2e/clients");
  }

  private static String pinned(String file, String pattern) throws Exception {
    var matcher = Pattern.compile(pattern).matcher(Files.readString(clients().resolve(file)));
    assertTrue(matcher.find());
    return matcher.group(1);
  }

  private static JsonNode run(String program, String script, Path installed) throws Exception {
    Needs.check(
        Files.isDirectory(installed),
        installed + " is missing: tools/fetch-test-data clients fetches it");
    Needs.check(
        new Shell().run("sh", "-c", "command -v " + program).out().contains(program),
        program + " is not installed");
    var result =
        new Shell()
            .run(program, clients().resolve(script), served.url() + "/v1", Served.MODEL, installed)
            .exitsWith(0);
    return new JsonMapper().readTree(result.out());
  }

  private static void assertRight(JsonNode told, String version) {
    assertEquals(version, told.get("version").asText());
    assertTrue(told.get("answer").asText().contains("Paris"), told::toString);
    assertEquals("stop", told.get("finish_reason").asText());
    assertTrue(told.get("fingerprint").asText().startsWith("fp_"));
    JsonNode usage = told.get("usage");
    int prompt = usage.get("prompt_tokens").asInt();
    int generated = usage.get("completion_tokens").asInt();
    assertTrue(prompt > 10 && generated > 3, usage::toString);
    assertEquals(prompt + generated, usage.get("total_tokens").asInt());
    assertEquals(0, usage.get("completion_tokens_details").get("reasoning_tokens").asInt());
    assertEquals(generated - 1, told.get("logprobs").asInt()); // the token that ends it has no text
    assertEquals(told.get("answer"), told.get("streamed"));
    assertTrue(told.get("pieces").asInt() > 2, told::toString);
    assertEquals("[\"stop\"]", told.get("streamed_reasons").toString());
    assertEquals(prompt, told.get("streamed_usage").get("prompt_tokens").asInt());
    assertEquals(generated, told.get("streamed_usage").get("completion_tokens").asInt());
    assertEquals("[\"smollm2\"]", told.get("models").toString());
    assertEquals("smollm2", told.get("model").asText());
    assertError("BadRequestError", 400, "temperature", "invalid_value", told.get("bad_parameter"));
    assertError(
        "BadRequestError",
        400,
        "response_format",
        "unsupported_parameter",
        told.get("not_supported"));
    assertError(
        "BadRequestError", 400, "top_q", "unknown_parameter", told.get("unknown_parameter"));
    assertError("NotFoundError", 404, "model", "model_not_found", told.get("unknown_model"));
    assertError("NotFoundError", 404, "model", "model_not_found", told.get("no_such_model"));
  }

  private static void assertError(
      String type, int status, String param, String code, JsonNode error) {
    assertEquals(type, error.get("class").asText());
    assertEquals(status, error.get("status").asInt());
    assertEquals(param, error.get("param").asText());
    assertEquals(code, error.get("code").asText());
    assertTrue(error.get("message").asText().contains(param), error::toString);
  }

  @Test
  void python() throws Exception {
    String version = pinned("requirements.txt", "openai==(\\S+)");
    assertRight(
        run("python3", "chat.py", Places.cache().resolve("clients/openai-python-" + version)),
        version);
  }

  @Test
  void node() throws Exception {
    String version = pinned("package.json", "\"openai\": \"(.*)\"");
    assertRight(
        run("node", "chat.mjs", Places.cache().resolve("clients/openai-node-" + version)), version);
  }

  private static ChatCompletionCreateParams.Builder question() {
    return ChatCompletionCreateParams.builder()
        .model(Served.MODEL)
        .addUserMessage("What is the capital of France?")
        .temperature(0)
        .maxCompletionTokens(24);
  }

  private static OpenAIClient javaClient() {
    return OpenAIOkHttpClient.builder()
        .baseUrl(served.url() + "/v1")
        .apiKey("none")
        .maxRetries(0)
        .timeout(Duration.ofMinutes(4))
        .build();
  }

  @Test
  void javaChatsAndStreams() {
    OpenAIClient client = javaClient();
    ChatCompletion whole = client.chat().completions().create(question().build());
    String answer = whole.choices().getFirst().message().content().orElseThrow();
    assertTrue(answer.contains("Paris"), answer);
    assertEquals(
        ChatCompletion.Choice.FinishReason.STOP, whole.choices().getFirst().finishReason());
    CompletionUsage usage = whole.usage().orElseThrow();
    assertEquals(usage.totalTokens(), usage.promptTokens() + usage.completionTokens());

    var pieces = new ArrayList<String>();
    Optional<CompletionUsage> streamed = Optional.empty();
    var options = ChatCompletionStreamOptions.builder().includeUsage(true).build();
    try (var stream =
        client.chat().completions().createStreaming(question().streamOptions(options).build())) {
      for (ChatCompletionChunk chunk : (Iterable<ChatCompletionChunk>) stream.stream()::iterator) {
        chunk.choices().forEach(choice -> choice.delta().content().ifPresent(pieces::add));
        streamed = chunk.usage();
      }
    }
    assertEquals(answer, String.join("", pieces));
    assertTrue(pieces.size() > 3, pieces::toString);
    assertEquals(usage.promptTokens(), streamed.orElseThrow().promptTokens());
    assertEquals(usage.completionTokens(), streamed.orElseThrow().completionTokens());
    long cached =
        streamed.orElseThrow().promptTokensDetails().orElseThrow().cachedTokens().orElseThrow();
    assertTrue(cached > 0 && cached < usage.promptTokens(), "cached " + cached);
    client.close();
  }

  @Test
  void javaAsksForSeveralChoicesWithLittleEffort() {
    OpenAIClient client = javaClient();
    ChatCompletion several =
        client
            .chat()
            .completions()
            .create(question().n(3).reasoningEffort(ReasoningEffort.LOW).build());
    assertEquals(
        List.of(0L, 1L, 2L), several.choices().stream().map(choice -> choice.index()).toList());
    for (ChatCompletion.Choice choice : several.choices()) { // alike, as the temperature is 0
      assertTrue(choice.message().content().orElseThrow().contains("Paris"));
    }
    client.close();
  }

  @Test
  void javaIsToldWhatIsWrong() {
    OpenAIClient client = javaClient();
    var completions = client.chat().completions();
    var bad =
        assertThrows(
            BadRequestException.class, () -> completions.create(question().temperature(3).build()));
    assertEquals(Optional.of("temperature"), bad.param());
    var unknown =
        assertThrows(
            BadRequestException.class,
            () ->
                completions.create(
                    question().putAdditionalBodyProperty("top_q", JsonValue.from(1)).build()));
    assertEquals(Optional.of("top_q"), unknown.param());
    var missing =
        assertThrows(
            NotFoundException.class, () -> completions.create(question().model("gpt-4o").build()));
    assertEquals(Optional.of("model_not_found"), missing.code());
    assertThrows(NotFoundException.class, () -> client.models().retrieve("gpt-4o"));
    assertEquals(
        List.of(Served.MODEL),
        client.models().list().data().stream().map(model -> model.id()).toList());
    client.close();
  }
}
