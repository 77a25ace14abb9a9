package dev.burhan.engine;

/**
 * How a model was loaded.
 *
 * @param seconds from the request until it could answer
 * @param fileBytes bytes of the checkpoint's files
 * @param mappedBytes bytes of weights that are read where the files are mapped
 * @param packedBytes bytes of weights that were arranged anew: packed in a backend's own layout,
 *     dequantised or moved together
 * @param cachedBytes bytes of packed weights that an earlier start had left on the disk
 */
public record LoadReport(
    double seconds, long fileBytes, long mappedBytes, long packedBytes, long cachedBytes) {}
