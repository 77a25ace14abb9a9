package dev.burhan.backendvector;

import dev.burhan.graph.InverseFrequencies;
import dev.burhan.graph.Op;
import java.util.Arrays;

/**
 * Cosines and sines that a thread computed for the positions it met last: all layers turn the
 * queries and keys of a step by the same ones.
 */
final class RopeAngles {
  /** Positions kept, a power of two: a chunk of a prompt. */
  private static final int SLOTS = 512;

  private final int[] positions = new int[SLOTS];
  private final float[] scales = new float[SLOTS];
  private final InverseFrequencies[] frequencies = new InverseFrequencies[SLOTS];
  private float[] turns = new float[0];
  private int pairs;

  /** (slots, 2, pairs): cosines, then sines; those of a position are at {@link #at}. */
  float[] turns() {
    return turns;
  }

  /**
   * Where a position's cosines begin, for this op; sines follow {@code op.frequencies().size()}
   * later.
   */
  int at(Op.Rope op, int position) {
    int slot = position & SLOTS - 1;
    int size = op.frequencies().size();
    if (pairs < size) {
      pairs = size;
      turns = new float[SLOTS * 2 * pairs];
      Arrays.fill(frequencies, null);
    }
    int at = slot * 2 * pairs;
    if (positions[slot] != position
        || frequencies[slot] != op.frequencies()
        || scales[slot] != op.scale()) {
      compute(op, position, at);
      positions[slot] = position;
      frequencies[slot] = op.frequencies();
      scales[slot] = op.scale();
    }
    return at;
  }

  private void compute(Op.Rope op, int position, int at) {
    int size = op.frequencies().size();
    for (int pair = 0; pair < size; pair++) {
      double angle = (double) position * op.frequencies().at(pair);
      turns[at + pair] = (float) (Math.cos(angle) * op.scale());
      turns[at + size + pair] = (float) (Math.sin(angle) * op.scale());
    }
  }
}
