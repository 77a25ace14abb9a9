package dev.burhan.kernel.config;

import dev.burhan.engine.LoadRequest;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** How models are run where neither the command line nor a request says it. */
@ObjectClassDefinition(
    name = "Burhan engine",
    description = "How models are run where neither the command line nor a request says it.")
public @interface EngineConfig {
  boolean PACKED_CACHE = true;
  int PACKED_GIGABYTES = 64;
  int BACKEND_PATIENCE = 30;

  @AttributeDefinition(description = "What runs models; empty for the best that is usable.")
  String backend() default "";

  @AttributeDefinition(
      description =
          "Seconds that requests wait for a backend where none is left, before they fail.")
  int backend_patience() default BACKEND_PATIENCE;

  @AttributeDefinition(description = "Worker threads; 0 for as many as there are processors.")
  int threads() default 0;

  @AttributeDefinition(
      description =
          "Most tokens of prompt and answer together; 0 for the model's limit, at most 8192.")
  int context() default 0;

  @AttributeDefinition(
      description =
          "f32, or q8 for activations in 8 bits where weights are quantised; empty for the backend's own.")
  String activations() default "";

  @AttributeDefinition(
      description = "How keys and values are kept: f32, f16, bf16 or q8; empty for f32.")
  String kv_type() default "";

  @AttributeDefinition(
      description =
          "Most requests that are worked on at once; 0 for " + LoadRequest.DEFAULT_SEQUENCES + ".")
  int sequences() default 0;

  @AttributeDefinition(
      description =
          "Memory for the keys and values of all requests, such as 4G; empty for what their contexts need, at most a"
              + " quarter of the memory.")
  String kv_memory() default "";

  @AttributeDefinition(
      description =
          "Whether prompts that begin alike share their keys and values: on, off, or tenant (those of one tenant); empty"
              + " for on.")
  String prefix_cache() default "";

  @AttributeDefinition(
      description =
          "When a model's code is warmed up: off, background (from loading until the first request), or load (before it"
              + " counts as loaded); empty for load in a server, background otherwise.")
  String warm_up() default "";

  @AttributeDefinition(
      description =
          "Whether tokens are guessed ahead: auto (as long as that is quicker), off, lookup (from the text so far), mtp or"
              + " mtp:N (by the model's MTP layer); empty"
              + " for auto.")
  String speculate() default "";

  @AttributeDefinition(
      description = "Whether packed weights are kept on the disk, so that the next start is quick.")
  boolean packed_cache() default PACKED_CACHE;

  @AttributeDefinition(
      description = "Folder of packed weights; empty for packed in the catalogue's cache.")
  String packed_folder() default "";

  @AttributeDefinition(
      description = "GB that packed weights may take; the least recently used make room.")
  int packed_gigabytes() default PACKED_GIGABYTES;
}
