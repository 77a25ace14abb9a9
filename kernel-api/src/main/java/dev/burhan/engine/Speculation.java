package dev.burhan.engine;

import dev.burhan.provider.UsageException;
import java.util.Locale;
import java.util.Objects;

/**
 * Whether tokens are guessed ahead, to be checked several in one step of the model (Leviathan et
 * al. 2023). What is generated is the same either way, token by token; only the time differs.
 *
 * @param method who guesses
 * @param tokens how many tokens the draft head guesses at a time; 0 if nobody guesses
 */
public record Speculation(Method method, int tokens) {

  /** Most tokens guessed at a time. */
  public static final int MOST_TOKENS = 8;

  public static final Speculation OFF = new Speculation(Method.OFF, 0);
  public static final Speculation AUTO = new Speculation(Method.AUTO, 1);
  public static final Speculation LOOKUP = new Speculation(Method.LOOKUP, 1);

  /** Who guesses. */
  public enum Method {
    /** Nobody. */
    OFF,
    /**
     * What followed the same words earlier in the text, and the checkpoint's own draft head where
     * it has one, as long as that is quicker.
     */
    AUTO,
    /** What followed the same words earlier in the text, prompt included, as long as that pays. */
    LOOKUP,
    /** The checkpoint's own draft head (DeepSeek-V3, section 2.2), always. */
    MTP
  }

  public Speculation {
    Objects.requireNonNull(method, "method");
    int least = method == Method.OFF ? 0 : 1;
    int most = method == Method.OFF ? 0 : MOST_TOKENS;
    if (tokens < least || tokens > most) {
      throw new UsageException(
          "the number of tokens guessed at a time should be from %d to %d, found %d"
              .formatted(least, most, tokens));
    }
  }

  /** The checkpoint's draft head, which guesses so many tokens at a time. */
  public static Speculation mtp(int tokens) {
    return new Speculation(Method.MTP, tokens);
  }

  /**
   * Reads {@code auto}, {@code off}, {@code lookup}, {@code mtp} or {@code mtp:N}.
   *
   * @param what whose value it is, for the error
   * @throws UsageException if it is none of them
   */
  public static Speculation parse(String what, String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    switch (word) {
      case "off" -> {
        return OFF;
      }
      case "auto" -> {
        return AUTO;
      }
      case "mtp" -> {
        return mtp(1);
      }
      case "lookup" -> {
        return LOOKUP;
      }
      default -> {
        if (word.matches("mtp:[1-" + MOST_TOKENS + "]")) {
          return mtp(word.charAt(4) - '0');
        }
        throw new UsageException(
            "%s should be auto, off, lookup, mtp or mtp:N with N from 1 to %d, found '%s'"
                .formatted(what, MOST_TOKENS, text));
      }
    }
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    String word = method.name().toLowerCase(Locale.ROOT);
    return method == Method.MTP ? word + ":" + tokens : word;
  }
}
