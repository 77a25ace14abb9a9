/** Model graphs as data: values, ops, weights as expressions over file tensors, caches. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package dev.burhan.graph;
