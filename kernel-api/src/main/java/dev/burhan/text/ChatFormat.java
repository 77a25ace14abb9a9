package dev.burhan.text;

import org.osgi.annotation.versioning.ConsumerType;

/** A model's own chat template. Immutable and thread-safe. */
@ConsumerType
public interface ChatFormat {

  /** The template's text. */
  String template();

  /**
   * The prompt as the model expects it, special tokens included.
   *
   * @throws TemplateException if the template raises, does not end, or uses what is not supported
   */
  String render(ChatPrompt prompt);
}
