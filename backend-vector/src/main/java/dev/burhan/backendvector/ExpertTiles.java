package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Limits;
import dev.burhan.backend.Phase;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A step's choices, grouped by expert: pair {@code column * top + rank} is one column's use of one
 * expert. A tile is some pairs of one expert and one phase, whose matrices are then read once for
 * all of them. Made for the largest step; grouping allocates nothing.
 */
final class ExpertTiles {
  /** Most pairs of a tile. */
  static final int PAIRS = 96;

  private final int experts;
  private final int top;
  private final MemorySegment chosen;

  /** Pairs in order of expert, phase and column. */
  private final int[] pairs;

  /** By 2 * expert + phase: where its pairs begin; one more for the end. */
  private final int[] begin;

  private final int[] next;

  /** By tile: its group, and which of the pairs it has. */
  private final int[] group;

  private final int[] first;
  private final int[] end;
  private int count;

  /**
   * @param chosen I32 (columns, top)
   */
  ExpertTiles(int experts, int top, MemorySegment chosen, Limits limits) {
    this.experts = experts;
    this.top = top;
    this.chosen = chosen;
    int most = Math.multiplyExact(limits.columns(), top);
    this.pairs = new int[most];
    this.begin = new int[2 * experts + 1];
    this.next = new int[2 * experts];
    this.group = new int[most];
    this.first = new int[most];
    this.end = new int[most];
  }

  /** Groups the choices of a step, and returns the number of tiles. */
  int group(Batch batch) {
    Arrays.fill(begin, 0);
    int all = batch.columns() * top;
    for (int pair = 0; pair < all; pair++) {
      begin[groupOf(batch, pair) + 1]++;
    }
    for (int g = 0; g < 2 * experts; g++) {
      begin[g + 1] += begin[g];
      next[g] = begin[g];
    }
    for (int pair = 0; pair < all; pair++) {
      pairs[next[groupOf(batch, pair)]++] = pair;
    }
    count = 0;
    for (int g = 0; g < 2 * experts; g++) {
      for (int from = begin[g]; from < begin[g + 1]; from += PAIRS) {
        group[count] = g;
        first[count] = from;
        end[count++] = Math.min(from + PAIRS, begin[g + 1]);
      }
    }
    return count;
  }

  private int groupOf(Batch batch, int pair) {
    int expert = chosen.get(Memory.INT, 4L * pair);
    if (expert < 0 || expert >= experts) {
      throw new IllegalStateException("there is no expert " + expert + " of " + experts);
    }
    return 2 * expert + (batch.phase(pair / top) == Phase.GENERATED ? 1 : 0);
  }

  int count() {
    return count;
  }

  int expert(int tile) {
    return group[tile] / 2;
  }

  boolean generated(int tile) {
    return group[tile] % 2 == 1;
  }

  /** How many pairs a tile has. */
  int size(int tile) {
    return end[tile] - first[tile];
  }

  /** Which pair is number {@code i} of a tile. */
  int pair(int tile, int i) {
    return pairs[first[tile] + i];
  }
}
