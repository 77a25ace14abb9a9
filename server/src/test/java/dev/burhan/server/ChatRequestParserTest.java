package dev.burhan.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
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
        "\"n\":2 | n | unsupported_parameter",
        "\"store\":true | store | unsupported_parameter",
        "\"service_tier\":\"flex\" | service_tier | unsupported_parameter",
        "\"tools\":[{\"type\":\"function\"}] | tools | unsupported_parameter",
        "\"tool_choice\":\"auto\" | tool_choice | unsupported_parameter",
        "\"functions\":[{}] | functions | unsupported_parameter",
        "\"response_format\":{\"type\":\"json_object\"} | response_format | unsupported_parameter",
        "\"reasoning_effort\":\"low\" | reasoning_effort | unsupported_parameter",
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
    var asText = TemplateInput.of(request.messages(), "{{ call.arguments }}");
    var asObject = TemplateInput.of(request.messages(), "{{ call.arguments | tojson }}");
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
        "system", TemplateInput.of(request.messages(), "").messages().getFirst().get("role"));
    assertEquals(
        "developer",
        TemplateInput.of(request.messages(), "if role == 'developer'")
            .messages()
            .getFirst()
            .get("role"));
  }
}
