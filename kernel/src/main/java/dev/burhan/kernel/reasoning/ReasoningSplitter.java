package dev.burhan.kernel.reasoning;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes a model's text apart: what stands between {@code <think>} and {@code </think>} at its
 * beginning is thought, the rest is the answer. White space around the tags belongs to neither. A
 * text without tags is an answer; a thought that is never closed is a thought.
 */
public final class ReasoningSplitter {
  public static final String OPEN = "<think>";
  public static final String CLOSE = "</think>";

  /** Characters of one kind, in order. */
  public record Piece(boolean reasoning, String text) {}

  private enum State {
    UNDECIDED,
    THOUGHT,
    ANSWER
  }

  private State state;
  private final StringBuilder held = new StringBuilder();
  private boolean skipSpace;

  /**
   * Begins a text.
   *
   * @param inThought whether the prompt has opened the thought already, as R1's templates do
   */
  public ReasoningSplitter(boolean inThought) {
    state = inThought ? State.THOUGHT : State.UNDECIDED;
    skipSpace = inThought;
  }

  /** Whether what comes next belongs to the thought, as far as is known. */
  public boolean inThought() {
    return state == State.THOUGHT;
  }

  /** Whether it is not known yet what the text begins with. */
  public boolean undecided() {
    return state == State.UNDECIDED;
  }

  /** Adds text; returns what is certain by now. */
  public List<Piece> accept(String text) {
    held.append(text);
    List<Piece> pieces = new ArrayList<>(2);
    if (state == State.UNDECIDED) {
      decide();
    }
    if (state == State.THOUGHT) {
      think(pieces);
    }
    if (state == State.ANSWER) {
      release(pieces, held.length());
    }
    return pieces;
  }

  /** The text ended; returns what was held back. */
  public List<Piece> end() {
    List<Piece> pieces = new ArrayList<>(1);
    if (state == State.THOUGHT) {
      while (!held.isEmpty() && Character.isWhitespace(held.charAt(held.length() - 1))) {
        held.setLength(held.length() - 1);
      }
    }
    release(pieces, held.length());
    return pieces;
  }

  private void decide() {
    String begun = held.toString().stripLeading();
    if (begun.startsWith(OPEN)) {
      held.delete(0, held.indexOf(OPEN) + OPEN.length());
      state = State.THOUGHT;
      skipSpace = true;
    } else if (!OPEN.startsWith(begun)) {
      state = State.ANSWER;
    }
  }

  private void think(List<Piece> pieces) {
    int close = held.indexOf(CLOSE);
    if (close < 0) {
      release(pieces, certain());
      return;
    }
    int end = close;
    while (end > 0 && Character.isWhitespace(held.charAt(end - 1))) {
      end--;
    }
    release(pieces, end);
    held.delete(0, held.indexOf(CLOSE) + CLOSE.length());
    state = State.ANSWER;
    skipSpace = true;
  }

  /** How much of the held text can't be part of the closing tag or of the white space before it. */
  private int certain() {
    int end = held.length();
    for (int tag = Math.min(CLOSE.length() - 1, end); tag > 0; tag--) {
      if (CLOSE.startsWith(held.substring(end - tag))) {
        end -= tag;
        break;
      }
    }
    while (end > 0 && Character.isWhitespace(held.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  private void release(List<Piece> pieces, int length) {
    int from = 0;
    if (skipSpace) {
      while (from < length && Character.isWhitespace(held.charAt(from))) {
        from++;
      }
      skipSpace = from == length;
    }
    if (from < length) {
      pieces.add(new Piece(state == State.THOUGHT, held.substring(from, length)));
    }
    held.delete(0, length);
  }
}
