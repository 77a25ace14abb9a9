package dev.burhan.kernel.weights;

/**
 * What became of the experts that were wanted.
 *
 * @param hits how often one was in memory
 * @param misses how often one had to be waited for
 * @param bytesRead bytes of experts that were read, as they are in memory
 * @param packedBytes those of them that lay packed on the disk and were not packed again
 * @param bytes bytes in memory now
 */
public record ExpertCounts(long hits, long misses, long bytesRead, long packedBytes, long bytes) {

  ExpertCounts withPackedBytes(long count) {
    return new ExpertCounts(hits, misses, bytesRead, count, bytes);
  }
}
