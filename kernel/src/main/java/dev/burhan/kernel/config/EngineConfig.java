package dev.burhan.kernel.config;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** How models are run where neither the command line nor a request says it. */
@ObjectClassDefinition(
    name = "Burhan engine",
    description = "How models are run where neither the command line nor a request says it.")
public @interface EngineConfig {
  @AttributeDefinition(description = "What runs models; empty for the best that is usable.")
  String backend() default "";

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
}
