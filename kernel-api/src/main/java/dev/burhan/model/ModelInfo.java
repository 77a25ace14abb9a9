package dev.burhan.model;

import java.util.Optional;

/**
 * What is known about a model beside its graph.
 *
 * @param architecture the family's name in the checkpoint: {@code qwen2}, {@code llama}, {@code
 *     deepseek_v3}
 * @param title the model's own name, if the checkpoint has one
 * @param layers number of layers
 * @param hidden width of the residual stream
 * @param vocabulary number of logits
 * @param context most tokens that the model was made for
 * @param parameters number of weights
 */
public record ModelInfo(
    String architecture,
    Optional<String> title,
    int layers,
    int hidden,
    int vocabulary,
    int context,
    long parameters) {}
