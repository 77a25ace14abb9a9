package dev.burhan.kernel.plan;

/**
 * What there is to run on.
 *
 * @param memory bytes that may be used
 * @param bandwidth bytes a second that all threads together read from memory
 * @param measured whether {@code bandwidth} was measured just now and not given
 * @param disk bytes a second that experts are read from the disk with
 */
record Machine(double memory, double bandwidth, boolean measured, double disk) {}
