package dev.burhan.engine;

import java.nio.file.Path;

/**
 * What was packed ahead of a model's first start.
 *
 * @param seconds that it took
 * @param packedBytes bytes of weights that were packed and written now
 * @param keptBytes bytes of those that were there already, and whole
 * @param folder where packed weights are kept
 */
public record PackReport(double seconds, long packedBytes, long keptBytes, Path folder) {}
