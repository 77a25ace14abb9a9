/**
 * What runs a graph: whole-graph backends and libraries of host kernels, weights, batches, KV
 * pages, programs.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package dev.burhan.backend;
