package dev.burhan.server;

import dev.burhan.engine.Service;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a body of {@code POST /v1/chat/completions} asks for.
 *
 * @param model the model's id
 * @param messages as a chat template reads them
 * @param stream whether the answer comes as server-sent events
 * @param usageAtEnd whether a stream ends with an event that has the usage
 * @param maxTokens most tokens to generate; empty for as many as the context has room for
 * @param sampling what is asked of the sampler
 * @param stop texts that end the answer
 * @param logprobs whether each token is reported with its probability
 * @param choices how many answers are given, each with a seed of its own
 * @param thinking how much is thought about them
 * @param service how it is served beside others
 * @param receipt whether the answer comes with a receipt
 * @param attributes for content policies
 */
record ChatRequest(
    String model,
    List<Map<String, Object>> messages,
    boolean stream,
    boolean usageAtEnd,
    OptionalInt maxTokens,
    SamplingFields sampling,
    List<String> stop,
    boolean logprobs,
    int choices,
    ReasoningFields thinking,
    Service service,
    boolean receipt,
    Map<String, String> attributes) {}
