package dev.burhan.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.burhan.engine.Reasoning;
import dev.burhan.engine.Service;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestParserTest {

  private static ChatRequest parse(String json) {
    return ChatRequestParser.parse(Json.parse(json.getBytes(StandardCharsets.UTF_8)));
  }

  private static String with(String more) {
    return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]," + more + "}";
  }

  private static void assertRefused(String json, String param, String code) {
    ApiError error = assertThrows(ApiError.class, () -> parse(json), json);
    assertEquals(400, error.status(), json);
    assertEquals(
        "[%s, %s]".formatted(param, code),
        "[%s, %s]"
            .formatted(
                error.json().at("/error/param").asText(), error.json().at("/error/code").asText()),
        error.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"temprature\":1 | temprature | unknown_parameter",
        "\"max_token\":null | max_token | unknown_parameter",
        "\"temperature\":\"1\" | temperature | invalid_type",
        "\"temperature\":2.1 | temperature | invalid_value",
        "\"temperature\":-0.1 | temperature | invalid_value",
        "\"temperature\":1e999 | temperature | invalid_value",
        "\"top_p\":1.5 | top_p | invalid_value",
        "\"top_k\":-1 | top_k | invalid_value",
        "\"top_k\":1.5 | top_k | invalid_type",
        "\"min_p\":2 | min_p | invalid_value",
        "\"presence_penalty\":2.5 | presence_penalty | invalid_value",
        "\"frequency_penalty\":-3 | frequency_penalty | invalid_value",
        "\"repetition_penalty\":0 | repetition_penalty | invalid_value",
        "\"max_tokens\":0 | max_tokens | invalid_value",
        "\"max_tokens\":true | max_tokens | invalid_type",
        "\"max_completion_tokens\":-5 | max_completion_tokens | invalid_value",
        "\"max_tokens\":1,\"max_completion_tokens\":1 | max_tokens | invalid_value",
        "\"seed\":99999999999999999999 | seed | invalid_value",
        "\"seed\":1.5 | seed | invalid_type",
        "\"stream\":1 | stream | invalid_type",
        "\"stream_options\":{} | stream_options | invalid_value",
        "\"stream\":true,\"stream_options\":{\"x\":1} | stream_options.x | unknown_parameter",
        "\"stream\":true,\"stream_options\":{\"include_usage\":1} | stream_options.include_usage | invalid_type",
        "\"stop\":1 | stop | invalid_type",
        "\"stop\":\"\" | stop | invalid_value",
        "\"stop\":[\"a\",2] | stop[1] | invalid_type",
        "\"stop\":[\"1\",\"2\",\"3\",\"4\",\"5\"] | stop | array_above_max_length",
        "\"logit_bias\":[] | logit_bias | invalid_type",
        "\"logit_bias\":{\"x\":1} | logit_bias | invalid_value",
        "\"logit_bias\":{\"5\":101} | logit_bias.5 | invalid_value",
        "\"logprobs\":5 | logprobs | invalid_type",
        "\"top_logprobs\":5 | top_logprobs | invalid_value",
        "\"logprobs\":true,\"top_logprobs\":21 | top_logprobs | invalid_value",
        "\"user\":5 | user | invalid_type",
        "\"store\":true | store | unsupported_parameter",
        "\"service_tier\":\"flex\" | service_tier | unsupported_parameter",
        "\"tools\":[{\"type\":\"function\"}] | tools | unsupported_parameter",
        "\"tool_choice\":\"auto\" | tool_choice | unsupported_parameter",
        "\"functions\":[{}] | functions | unsupported_parameter",
        "\"response_format\":{\"type\":\"json_object\"} | response_format | unsupported_parameter",
        "\"n\":0 | n | invalid_value",
        "\"n\":17 | n | invalid_value",
        "\"n\":2,\"votes\":2 | n | unsupported_parameter",
        "\"n\":2,\"verify\":true | n | unsupported_parameter",
        "\"n\":2,\"receipt\":true | n | unsupported_parameter",
        "\"votes\":0 | votes | invalid_value",
        "\"votes\":65 | votes | invalid_value",
        "\"votes\":\"8\" | votes | invalid_type",
        "\"verify\":1 | verify | invalid_type",
        "\"thinking\":true | thinking | invalid_type",
        "\"thinking\":{} | thinking.type | missing_required_parameter",
        "\"thinking\":{\"type\":\"on\"} | thinking.type | invalid_value",
        "\"thinking\":{\"type\":\"enabled\",\"budget\":5} | thinking.budget | unknown_parameter",
        "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":0} | thinking.budget_tokens | invalid_value",
        "\"thinking\":{\"type\":\"disabled\",\"budget_tokens\":9} | thinking.budget_tokens | invalid_value",
        "\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"low\" | reasoning_effort | invalid_value",
        "\"reasoning_effort\":\"lots\" | reasoning_effort | invalid_value",
        "\"priority\":11 | priority | invalid_value",
        "\"priority\":\"high\" | priority | invalid_type",
        "\"timeout\":0 | timeout | invalid_value",
        "\"timeout\":\"5s\" | timeout | invalid_type",
        "\"modalities\":[\"text\",\"audio\"] | modalities | unsupported_parameter",
        "\"prediction\":{} | prediction | unsupported_parameter",
        "\"web_search_options\":{} | web_search_options | unsupported_parameter",
      })
  void parameterIsRefusedByName(String more, String param, String code) {
    assertRefused(with(more), param, code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"messages\":[]} | model | missing_required_parameter",
        "{\"model\":\"m\"} | messages | missing_required_parameter",
        "{\"model\":1,\"messages\":[]} | model | invalid_type",
        "{\"model\":\"m\",\"messages\":[]} | messages | empty_array",
        "{\"model\":\"m\",\"messages\":{}} | messages | invalid_type",
        "{\"model\":\"m\",\"messages\":[1]} | messages[0] | invalid_type",
        "{\"model\":\"m\",\"messages\":[{\"content\":\"x\"}]} | messages[0].role | missing_required_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]} | messages[0].content | missing_required_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"bot\",\"content\":\"x\"}]} | messages[0].role | invalid_value",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":5}]} | messages[0].content | invalid_type",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"image\":1}]} | messages[0].image | unknown_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"audio\":{\"id\":\"1\"}}]} | messages[0].audio | unsupported_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]} | messages[0].content[0].type | unsupported_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]} | messages[0].content[0].text | missing_required_parameter",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"1\"}]}]} | messages[0].tool_calls[0].function | missing_required_parameter",
      })
  void messageIsRefusedByPath(String json, String param, String code) {
    assertRefused(json, param, code);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"metadata\":{\"a\":\"b\"},\"prompt_cache_key\":\"k\",\"safety_identifier\":\"s\"",
        "\"n\":1,\"store\":false,\"service_tier\":\"auto\",\"modalities\":[\"text\"]",
        "\"tools\":[],\"tool_choice\":\"none\",\"response_format\":{\"type\":\"text\"}",
        "\"tools\":null,\"reasoning_effort\":null,\"temperature\":null,\"stop\":null,\"n\":null",
        "\"logit_bias\":{},\"logprobs\":false,\"stream\":false",
        "\"stream\":true,\"stream_options\":{\"include_usage\":false,\"include_obfuscation\":false}",
      })
  void whatChangesNoAnswerIsAccepted(String more) {
    parse(with(more));
  }

  @Test
  void stopIsOneTextOrSeveral() {
    assertEquals(List.of("a"), parse(with("\"stop\":\"a\"")).stop());
    assertEquals(List.of("a", "b"), parse(with("\"stop\":[\"a\",\"b\"]")).stop());
  }

  @Test
  void toolCallsOfAnEarlierTurnAreKeptForTheTemplate() {
    ChatRequest request =
        parse(
            "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":"
                + "[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]}]}");
    var asText = TemplateInput.of(request.messages(), "{{ call.arguments }}", Optional.empty());
    var asObject =
        TemplateInput.of(request.messages(), "{{ call.arguments | tojson }}", Optional.empty());
    assertEquals("{\"a\":1}", arguments(asText.messages()));
    assertEquals(Map.of("a", 1), arguments(asObject.messages()));
  }

  private static Object arguments(List<Map<String, Object>> messages) {
    var calls = (List<?>) messages.getFirst().get("tool_calls");
    var function = (Map<?, ?>) ((Map<?, ?>) calls.getFirst()).get("function");
    return function.get("arguments");
  }

  @Test
  void developerIsSystemUnlessTheTemplateKnowsIt() {
    ChatRequest request =
        parse("{\"model\":\"m\",\"messages\":[{\"role\":\"developer\",\"content\":\"x\"}]}");
    assertEquals(
        "system",
        TemplateInput.of(request.messages(), "", Optional.empty())
            .messages()
            .getFirst()
            .get("role"));
    assertEquals(
        "developer",
        TemplateInput.of(request.messages(), "if role == 'developer'", Optional.empty())
            .messages()
            .getFirst()
            .get("role"));
  }

  private static Reasoning reasoning(String more) {
    return parse(with(more)).thinking().reasoning();
  }

  @Test
  void thinkingIsABudget() {
    assertEquals(Reasoning.DEFAULT, reasoning("\"thinking\":null"));
    assertEquals(Reasoning.DEFAULT, reasoning("\"thinking\":{\"type\":\"enabled\"}"));
    assertEquals(
        Reasoning.DEFAULT.withBudget(700),
        reasoning("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":700}"));
    assertEquals(
        Reasoning.DEFAULT.withBudget(0), reasoning("\"thinking\":{\"type\":\"disabled\"}"));
    assertEquals(Reasoning.DEFAULT.withBudget(0), reasoning("\"reasoning_effort\":\"none\""));
    assertEquals(Reasoning.DEFAULT.withBudget(1024), reasoning("\"reasoning_effort\":\"low\""));
    assertEquals(Reasoning.DEFAULT.withBudget(8192), reasoning("\"reasoning_effort\":\"medium\""));
    assertEquals(Reasoning.DEFAULT.withBudget(24_576), reasoning("\"reasoning_effort\":\"high\""));
  }

  @Test
  void templatesThatCanBeToldToThinkAreTold() {
    ChatRequest off = parse(with("\"thinking\":{\"type\":\"disabled\"}"));
    Optional<Boolean> thinking = off.thinking().thinking();
    assertEquals(
        false,
        TemplateInput.of(off.messages(), "{% if enable_thinking %}", thinking)
            .options()
            .get("enable_thinking"));
    assertEquals(
        Map.of("add_generation_prompt", true, "thinking", false),
        TemplateInput.of(off.messages(), "{% if not thinking is defined %}", thinking).options());
    assertEquals(
        Map.of("add_generation_prompt", true),
        TemplateInput.of(off.messages(), "{{ messages }}", thinking).options());
    assertEquals(Optional.empty(), parse(with("\"n\":1")).thinking().thinking());
  }

  @Test
  void votesAndServiceAreRead() {
    ChatRequest request =
        parse(with("\"votes\":8,\"verify\":true,\"priority\":-3,\"timeout\":1.5,\"user\":\"u1\""));
    assertEquals(new Reasoning(OptionalInt.empty(), 8, true), request.thinking().reasoning());
    assertEquals(new Service(-3, Optional.of(Duration.ofMillis(1500)), "u1"), request.service());
    assertEquals(Service.DEFAULT, parse(with("\"timeout\":null")).service());
    assertEquals(1, request.choices());
    assertEquals(3, parse(with("\"n\":3,\"votes\":1,\"verify\":false")).choices());
  }
}
