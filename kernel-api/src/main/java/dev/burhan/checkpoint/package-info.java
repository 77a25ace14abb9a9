/**
 * Checkpoints: files of named tensors with metadata, the formats that read them, the catalogue that
 * fetches them.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package dev.burhan.checkpoint;
