package dev.burhan.kernel.scheduler;

import dev.burhan.engine.Speculation;
import dev.burhan.engine.Speculation.Method;
import java.util.Arrays;

/**
 * How many tokens are guessed in a round. On {@link Method#AUTO} a few rounds with guesses and a
 * few without are timed in every {@link #PERIOD}, mixed, since all rounds get faster while code is
 * compiled; the other rounds are of the kind that gave more tokens a second. Kept from one
 * generation to the next. Owned by the model's thread.
 */
public final class DraftPace {
  static final int PERIOD = 256;
  static final int GUESSING = 16;
  static final int PLAIN = 8;

  /** What is as quick as that is not worth another change. */
  private static final double GAIN = 1.02;

  private final Speculation speculation;
  private final Recent guessing = new Recent(16);
  private final Recent plain = new Recent(PLAIN);
  private final Recent tokens = new Recent(64); // of a round with guesses
  private long round;

  public DraftPace(Speculation speculation) {
    this.speculation = speculation;
  }

  /** Whether guesses are wanted whether they pay or not. */
  boolean always() {
    return speculation.method() == Method.MTP;
  }

  /** Tokens to guess in the round that begins. */
  int next() {
    if (speculation.method() == Method.MTP) {
      return speculation.tokens();
    }
    int at = (int) (round++ % PERIOD);
    boolean trial = at < GUESSING + PLAIN;
    boolean guess = trial ? at % (1 + GUESSING / PLAIN) > 0 : pays();
    return guess ? speculation.tokens() : 0;
  }

  /** Whether guessing is the quicker way, as far as is known. */
  boolean pays() {
    double with = tokens.mean() / guessing.median();
    double without = 1 / plain.median();
    return with > GAIN * without;
  }

  /**
   * A round ended.
   *
   * @param nanos guessing, checking and choosing
   */
  void record(int guessed, int accepted, long nanos) {
    if (guessed == 0) {
      plain.add(nanos);
    } else {
      guessing.add(nanos);
      tokens.add(1 + accepted);
    }
  }

  /** The last numbers of many. */
  private static final class Recent {
    private final double[] numbers;
    private int count;

    Recent(int kept) {
      numbers = new double[kept];
    }

    void add(double number) {
      numbers[count++ % numbers.length] = number;
      if (count == 2 * numbers.length) {
        count = numbers.length;
      }
    }

    private double[] kept() {
      return Arrays.copyOf(numbers, Math.min(count, numbers.length));
    }

    double mean() {
      return Arrays.stream(kept()).average().orElse(Double.NaN);
    }

    /** One slow round, such as one with a collection of garbage, says nothing. */
    double median() {
      double[] sorted = kept();
      Arrays.sort(sorted);
      return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
  }
}
