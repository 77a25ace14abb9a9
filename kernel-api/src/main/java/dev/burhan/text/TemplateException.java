package dev.burhan.text;

import dev.burhan.provider.BurhanException;

/** A chat template refused its input ({@code raise_exception}) or can't be rendered. */
public class TemplateException extends BurhanException {
  private static final long serialVersionUID = 1L;

  public TemplateException(String message) {
    super(message);
  }

  public TemplateException(String message, Throwable cause) {
    super(message, cause);
  }
}
