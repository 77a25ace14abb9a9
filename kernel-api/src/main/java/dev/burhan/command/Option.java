package dev.burhan.command;

import java.util.Optional;

/**
 * An option of a command, as data.
 *
 * @param name without dashes: {@code max-tokens}
 * @param kind what its value is
 * @param placeholder what help shows for the value: {@code N}, {@code FILE}
 * @param description one sentence
 * @param otherwise the value when the option is absent, in words for help; empty if there is none
 * @param required whether the command can't run without it
 * @param letter a short form of one character: {@code t} for {@code -t}; empty if there is none
 */
public record Option(
    String name,
    Kind kind,
    String placeholder,
    String description,
    Optional<String> otherwise,
    boolean required,
    String letter) {

  /** What a value must look like. A repeatable text may be given several times. */
  public enum Kind {
    FLAG,
    TEXT,
    REPEATABLE_TEXT,
    INTEGER,
    NUMBER,
    PATH
  }

  public Option {
    if (letter.length() > 1) {
      throw new IllegalArgumentException("a short form is one character, found " + letter);
    }
  }

  /** An option without a short form. */
  public Option(
      String name,
      Kind kind,
      String placeholder,
      String description,
      Optional<String> otherwise,
      boolean required) {
    this(name, kind, placeholder, description, otherwise, required, "");
  }

  public static Option flag(String name, String description) {
    return new Option(name, Kind.FLAG, "", description, Optional.empty(), false);
  }

  public static Option required(String name, Kind kind, String placeholder, String description) {
    return new Option(name, kind, placeholder, description, Optional.empty(), true);
  }

  public static Option optional(String name, Kind kind, String placeholder, String description) {
    return new Option(name, kind, placeholder, description, Optional.empty(), false);
  }

  public static Option optional(
      String name, Kind kind, String placeholder, String description, String otherwise) {
    return new Option(name, kind, placeholder, description, Optional.of(otherwise), false);
  }

  /** The same with a short form. */
  public Option letter(char shortForm) {
    return new Option(
        name, kind, placeholder, description, otherwise, required, String.valueOf(shortForm));
  }
}
