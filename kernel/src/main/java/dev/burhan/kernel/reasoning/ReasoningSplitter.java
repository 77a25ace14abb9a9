package dev.burhan.kernel.reasoning;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes a model's text apart: what stands between {@code <think>} and {@code </think>} at its
 * beginning is thought, the rest is the answer. White space around the tags belongs to neither. A
 * text without tags is an answer; a thought that is never closed is a thought. Where the opening
 * tag may be left out, what stands before {@code </think>} is thought all the same; such a text is
 * held back until that is known.
 */
public final class ReasoningSplitter {
  public static final String OPEN = "<think>";
  public static final String CLOSE = "</think>";

  /** Characters of one kind, in order. */
  public record Piece(boolean reasoning, String text) {}

  /** How a text begins. */
  public enum Beginning {
    /** The prompt has opened the thought already, as R1's templates do. */
    IN_THOUGHT,
    /** With {@code <think>} if it has a thought. */
    TAGGED,
    /** Perhaps with a thought that lacks its {@code <think>}. */
    PERHAPS_UNTAGGED
  }

  private enum State {
    UNDECIDED,
    THOUGHT,
    ANSWER
  }

  private State state;
  private final StringBuilder held = new StringBuilder();
  private final boolean perhapsUntagged;
  private int searched; // characters held in which there is no closing tag
  private boolean skipSpace;

  /** Begins a text. */
  public ReasoningSplitter(Beginning beginning) {
    boolean inThought = beginning == Beginning.IN_THOUGHT;
    state = inThought ? State.THOUGHT : State.UNDECIDED;
    skipSpace = inThought;
    perhapsUntagged = beginning == Beginning.PERHAPS_UNTAGGED;
  }

  /** Whether what comes next belongs to the thought, as far as is known. */
  public boolean inThought() {
    return state == State.THOUGHT;
  }

  /** Whether it is not known yet what the text begins with. */
  public boolean undecided() {
    return state == State.UNDECIDED;
  }

  /**
   * Whether what comes next may belong to a thought: it does, or the text may have begun with one
   * that lacks its {@code <think>}.
   */
  public boolean mayBeThought() {
    return inThought() || (perhapsUntagged && undecided());
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
    String begun = beginning();
    if (begun.startsWith(OPEN)) {
      held.delete(0, held.indexOf(OPEN) + OPEN.length());
      state = State.THOUGHT;
      skipSpace = true;
    } else if (perhapsUntagged) {
      if (held.indexOf(CLOSE, searched) >= 0) {
        state = State.THOUGHT;
        skipSpace = true;
      }
      searched = Math.max(0, held.length() - CLOSE.length());
    } else if (!OPEN.startsWith(begun)) {
      state = State.ANSWER;
    }
  }

  /** The first characters held that are no white space, as many as an opening tag has. */
  private String beginning() {
    int from = 0;
    while (from < held.length() && Character.isWhitespace(held.charAt(from))) {
      from++;
    }
    return held.substring(from, Math.min(held.length(), from + OPEN.length()));
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
