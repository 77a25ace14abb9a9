package dev.burhan.kernel.scheduler;

import java.util.Arrays;

/**
 * Guesses a text's next tokens from what followed the same words earlier in it, prompt included
 * (prompt lookup decoding, Saxena 2023): texts that quote, rewrite or repeat are known beforehand.
 */
final class PromptLookup {
  /** Tokens that must agree before a place counts as the same. */
  static final int LEAST_MATCH = 3;

  /** Where more agree than this, they need not be counted. */
  private static final int LONG_MATCH = 32;

  /** Places looked at, the latest first: in a text of one word over and over all are alike. */
  private static final int MOST_PLACES = 16;

  private static final int NONE = -1;

  private int[] latest = new int[256]; // by hash of three tokens: the position behind them
  private int[] before = new int[256]; // by position: the one before with the same hash
  private int indexed; // positions below it are behind indexed words
  private int match; // how many tokens agreed where the last guess was found

  PromptLookup() {
    Arrays.fill(latest, NONE);
  }

  /**
   * Where in the text to read the next tokens from.
   *
   * @return a position before the end; -1 if the last words were not there before
   */
  int find(Sequence sequence) {
    int end = sequence.length();
    index(sequence, end);
    match = 0;
    if (end < LEAST_MATCH) {
      return NONE;
    }
    int best = NONE;
    int place = latest[slot(sequence, end)];
    for (int i = 0; i < MOST_PLACES && place >= 0; i++, place = before[place]) {
      int agree = agree(sequence, place, end);
      if (agree >= LEAST_MATCH && agree > match) {
        match = agree;
        best = place;
      }
    }
    return best;
  }

  /** How many tokens agreed at the place that was found last; at most {@link #LONG_MATCH}. */
  int match() {
    return match;
  }

  private static int agree(Sequence sequence, int place, int end) {
    int most = Math.min(LONG_MATCH, place);
    int agree = 0;
    while (agree < most && sequence.token(place - 1 - agree) == sequence.token(end - 1 - agree)) {
      agree++;
    }
    return agree;
  }

  /** Enters all places before {@code end}: what follows the last words is not known yet. */
  private void index(Sequence sequence, int end) {
    if (end > before.length) {
      before = Arrays.copyOf(before, Math.max(end, 2 * before.length));
    }
    if (end > latest.length) {
      latest = new int[Integer.highestOneBit(end) * 4];
      Arrays.fill(latest, NONE);
      indexed = 0;
    }
    for (int place = Math.max(indexed, LEAST_MATCH); place < end; place++) {
      int slot = slot(sequence, place);
      before[place] = latest[slot];
      latest[slot] = place;
    }
    indexed = Math.max(indexed, end);
  }

  private int slot(Sequence sequence, int end) {
    int hash = sequence.token(end - 1);
    hash = hash * 0x9E3779B1 + sequence.token(end - 2);
    hash = hash * 0x9E3779B1 + sequence.token(end - 3);
    hash *= 0x85EBCA6B;
    return (hash ^ hash >>> 15) & latest.length - 1;
  }
}
