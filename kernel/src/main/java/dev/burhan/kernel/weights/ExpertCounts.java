package dev.burhan.kernel.weights;

/**
 * What became of the experts that were wanted.
 *
 * @param hits how often one was in memory
 * @param misses how often one had to be waited for
 * @param bytesRead bytes read from the checkpoint
 * @param bytes bytes in memory now
 */
public record ExpertCounts(long hits, long misses, long bytesRead, long bytes) {}
