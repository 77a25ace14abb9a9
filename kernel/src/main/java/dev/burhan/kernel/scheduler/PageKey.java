package dev.burhan.kernel.scheduler;

/** SHA-256 of what a KV page holds, and of all that it depends on. */
public record PageKey(long a, long b, long c, long d) {}
