package dev.burhan.backend;

/**
 * What a token was when it was first computed; kept for ever, also when it is computed again after
 * preemption. Numerics may depend on it (and on nothing else about the batch): MLA runs expanded
 * for prompt tokens, absorbed for generated ones.
 */
public enum Phase {
  PROMPT,
  GENERATED
}
