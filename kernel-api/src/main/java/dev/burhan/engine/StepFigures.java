package dev.burhan.engine;

/**
 * One step of a model.
 *
 * @param model the model's name, as {@link LoadedModel#name}
 * @param startNanos when it began, as {@link System#nanoTime} counts
 * @param durationNanos from there until its tokens were drawn
 * @param kernelNanos of those, in the program's own work
 * @param sequences how many sequences were in it
 * @param promptColumns how many tokens of prompts it computed
 * @param generatedColumns how many generated or guessed tokens it computed
 * @param tokens how many tokens were drawn from it
 * @param pagesHeld pages of keys and values in use by requests after it
 * @param waiting how many requests waited for room
 */
public record StepFigures(
    String model,
    long startNanos,
    long durationNanos,
    long kernelNanos,
    int sequences,
    int promptColumns,
    int generatedColumns,
    int tokens,
    int pagesHeld,
    int waiting) {}
