/** The engine: loaded models, generations, sampling. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.1.0")
package dev.burhan.engine;
