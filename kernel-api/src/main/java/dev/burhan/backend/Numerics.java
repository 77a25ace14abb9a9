package dev.burhan.backend;

/**
 * A promise about bits.
 *
 * @param id two programs of one graph and checkpoint with equal ids give equal bits
 * @param batchInvariant whether a token's bits are the same whatever else is in the batch, however
 *     its prompt was cut and on however many threads
 */
public record Numerics(String id, boolean batchInvariant) {}
