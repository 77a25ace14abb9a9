package dev.burhan.kernel.executor;

import dev.burhan.backend.HostKernels;

/** An open library with the name that its provider has. */
public record NamedKernels(String name, HostKernels kernels) {}
