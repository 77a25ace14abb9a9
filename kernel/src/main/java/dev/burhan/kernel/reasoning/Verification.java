package dev.burhan.kernel.reasoning;

import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.Tally.Opinion;
import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.ChatPrompt;
import dev.burhan.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks the model about its own answer, as the next turn of the conversation: the cached prompt is
 * the beginning of what it reads.
 */
final class Verification {
  private static final String QUESTION =
      """
      Is your answer above right? Work the question out again, independently and step by step, \
      and look for mistakes in the answer. Then end with a line that has one word only: RIGHT if \
      the answer is right, WRONG if it is not.""";

  private static final Pattern WORD =
      Pattern.compile(
          "(?:\\b(?<no>not|never|cannot be|can't be)\\b|(?<nt>\\w+n['’]t\\b))?"
              + "(?:[ *_\"“]{1,4}(?:a|an|the|be|been|at all|entirely|quite|really|fully|completely)\\b){0,3}"
              + "[ *_\"“]{0,4}\\b(?<word>right|wrong|correct|incorrect)\\b(?! or )",
          Pattern.CASE_INSENSITIVE);

  private final GenerationRequest request;
  private final ChatPrompt conversation;
  private final ChatFormat format;
  private final Tokenizer tokenizer;

  /**
   * For the answers to a request.
   *
   * @throws UsageException if the model can't be asked
   */
  Verification(
      GenerationRequest request, Optional<ChatFormat> format, Optional<Tokenizer> tokenizer) {
    this.request = request;
    this.format =
        format.orElseThrow(
            () ->
                new UsageException(
                    "verify asks the model about its answer in a second turn, and the model has no"
                        + " chat template; leave verify out, or take votes"));
    this.tokenizer =
        tokenizer.orElseThrow(
            () -> new UsageException("verify needs a tokenizer, and the checkpoint has none"));
    this.conversation =
        request
            .conversation()
            .orElseThrow(
                () ->
                    new UsageException(
                        "verify asks the model about its answer in a second turn, and a raw prompt"
                            + " is no conversation; leave verify out, or use the chat template"));
  }

  /** What asks about an answer; empty if there is no room for it. */
  Optional<GenerationRequest> about(String answer, int context) {
    List<Map<String, Object>> messages = new ArrayList<>(conversation.messages());
    messages.add(message("assistant", answer));
    messages.add(message("user", QUESTION));
    String text =
        format.render(new ChatPrompt(messages, conversation.tools(), conversation.options()));
    List<Integer> ids = Arrays.stream(tokenizer.encode(text, false)).boxed().toList();
    if (ids.size() >= context) {
      return Optional.empty();
    }
    OptionalInt budget = request.reasoning().budget();
    return Optional.of(
        new GenerationRequest(
            ids,
            request.maxTokens(),
            request.sampling().withLogprobs(-1).withLogitBias(Map.of()),
            List.of(),
            false,
            request.attributes(),
            request.service(),
            new Reasoning(budget, 1, false)));
  }

  private static Map<String, Object> message(String role, String content) {
    Map<String, Object> message = new LinkedHashMap<>(); // templates may print it: keep the order
    message.put("role", role);
    message.put("content", content);
    return message;
  }

  /** What an answer to the question says: its last word for it decides. */
  static Opinion opinion(String said) {
    Opinion opinion = Opinion.NONE;
    Matcher found = WORD.matcher(said);
    while (found.find()) {
      String word = found.group("word");
      boolean right = word.equalsIgnoreCase("right") || word.equalsIgnoreCase("correct");
      boolean denied = found.group("no") != null || found.group("nt") != null;
      opinion = right != denied ? Opinion.RIGHT : Opinion.WRONG;
    }
    return opinion;
  }
}
