package dev.burhan.engine;

import dev.burhan.provider.UsageException;
import dev.burhan.text.ChatPrompt;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One answer to be generated.
 *
 * @param prompt token ids, at least one
 * @param maxTokens most tokens to generate, thought included; cut to what the context has left
 * @param sampling how tokens are chosen
 * @param stop texts that end the answer; not part of it
 * @param ignoreEnd go on past end-of-text tokens (for measurements and references)
 * @param attributes handed to content policies
 * @param service how it is served beside others
 * @param reasoning how much it is thought about
 * @param conversation what the prompt was rendered from; needed where the model is asked about its
 *     answer afterwards
 */
public record GenerationRequest(
    List<Integer> prompt,
    int maxTokens,
    SamplingParameters sampling,
    List<String> stop,
    boolean ignoreEnd,
    Map<String, String> attributes,
    Service service,
    Reasoning reasoning,
    Optional<ChatPrompt> conversation) {

  public GenerationRequest {
    prompt = List.copyOf(prompt);
    stop = List.copyOf(stop);
    attributes = Map.copyOf(attributes);
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(reasoning, "reasoning");
    Objects.requireNonNull(conversation, "conversation");
    if (prompt.isEmpty()) {
      throw new UsageException("the prompt has no tokens; give at least one");
    }
    if (maxTokens < 1) {
      throw new UsageException("max_tokens should be at least 1, found " + maxTokens);
    }
    if (stop.stream().anyMatch(String::isEmpty)) {
      throw new UsageException("a stop text is empty");
    }
  }

  public GenerationRequest(
      List<Integer> prompt,
      int maxTokens,
      SamplingParameters sampling,
      List<String> stop,
      boolean ignoreEnd,
      Map<String, String> attributes) {
    this(
        prompt,
        maxTokens,
        sampling,
        stop,
        ignoreEnd,
        attributes,
        Service.DEFAULT,
        Reasoning.DEFAULT);
  }

  public GenerationRequest(
      List<Integer> prompt,
      int maxTokens,
      SamplingParameters sampling,
      List<String> stop,
      boolean ignoreEnd,
      Map<String, String> attributes,
      Service service,
      Reasoning reasoning) {
    this(
        prompt,
        maxTokens,
        sampling,
        stop,
        ignoreEnd,
        attributes,
        service,
        reasoning,
        Optional.empty());
  }

  public GenerationRequest withService(Service value) {
    return new GenerationRequest(
        prompt, maxTokens, sampling, stop, ignoreEnd, attributes, value, reasoning, conversation);
  }

  public GenerationRequest withReasoning(Reasoning value) {
    return new GenerationRequest(
        prompt, maxTokens, sampling, stop, ignoreEnd, attributes, service, value, conversation);
  }

  public GenerationRequest withSampling(SamplingParameters value) {
    return new GenerationRequest(
        prompt, maxTokens, value, stop, ignoreEnd, attributes, service, reasoning, conversation);
  }

  public GenerationRequest withConversation(ChatPrompt value) {
    return new GenerationRequest(
        prompt,
        maxTokens,
        sampling,
        stop,
        ignoreEnd,
        attributes,
        service,
        reasoning,
        Optional.of(value));
  }

  /**
   * The request that gives by itself what this one gave: the sample that a vote or a check chose;
   * this one, if there was none.
   */
  public GenerationRequest alone(Optional<Tally> tally) {
    return tally
        .map(
            votes ->
                withSampling(sampling.withSeed(sampling.seed() + votes.chosen().orElse(0)))
                    .withReasoning(new Reasoning(reasoning.budget(), 1, false)))
        .orElse(this);
  }

  /** The prompt's token ids as an array of the caller's own. */
  public int[] promptIds() {
    return prompt.stream().mapToInt(Integer::intValue).toArray();
  }

  public static GenerationRequest of(int[] prompt, int maxTokens, SamplingParameters sampling) {
    return new GenerationRequest(
        java.util.Arrays.stream(prompt).boxed().toList(),
        maxTokens,
        sampling,
        List.of(),
        false,
        Map.of());
  }
}
