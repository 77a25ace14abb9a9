package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.Limits;

/**
 * How a step of latent attention is cut. A tile is some columns of one sequence and one form; its
 * parts are heads, one each where it is expanded, several where they share what is read of the
 * cache. Made for the largest step; cutting allocates nothing.
 */
final class LatentTiles {
  /** Most columns that share a head's expanded keys and values. */
  static final int COLUMNS = 128;

  /** Most queries of an absorbed part: their sums stay in the nearer caches. */
  static final int QUERIES = 64;

  private static final int PARTS_PER_THREAD = 4;

  /** Multiply-adds of an absorbed part below which handing it out costs too much. */
  private static final long SMALLEST_PART = 1 << 16;

  private final LatentForm form;
  private final int heads;
  private final int threads;
  private final int numbers;
  private final int[] sequence;
  private final int[] first;
  private final int[] end;

  /** First part of each tile; one more for the end. */
  private final int[] parts;

  private int count;
  private int headsTogether;

  /**
   * @param numbers multiply-adds of an absorbed query with one token's key and value
   */
  LatentTiles(LatentForm form, int heads, int numbers, Limits limits) {
    this.form = form;
    this.heads = heads;
    this.numbers = numbers;
    this.threads = limits.threads();
    this.sequence = new int[limits.columns()];
    this.first = new int[limits.columns()];
    this.end = new int[limits.columns()];
    this.parts = new int[limits.columns() + 1];
  }

  /** Cuts a step, and returns the number of parts. */
  int cut(Batch batch) {
    headsTogether = headsTogether(batch);
    count = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      int last = batch.firstColumn(s + 1);
      for (int column = batch.firstColumn(s); column < last; ) {
        column = tile(batch, s, column, last);
      }
    }
    return parts[count];
  }

  /**
   * How many heads share what is read of the cache: so many that there are parts for all threads,
   * as long as these have enough to do.
   */
  private int headsTogether(Batch batch) {
    long tokens = 0; // that are seen by absorbed columns
    int groups = 0; // of columns that may share a tile
    for (int s = 0; s < batch.sequences(); s++) {
      boolean any = false;
      for (int column = batch.firstColumn(s); column < batch.firstColumn(s + 1); column++) {
        if (!form.expanded(batch.phase(column))) {
          tokens += batch.position(column) + 1;
          any = true;
        }
      }
      groups += any ? 1 : 0;
    }
    long most = Math.max(1, tokens * heads * numbers / SMALLEST_PART);
    long parts = Math.min(most, (long) PARTS_PER_THREAD * threads);
    return Math.clamp(Math.ceilDiv((long) groups * heads, parts), 1, Math.min(heads, QUERIES));
  }

  /** Adds a tile that begins at a column, and returns its end. */
  private int tile(Batch batch, int s, int column, int last) {
    boolean expanded = form.expanded(batch.phase(column));
    int most = expanded ? COLUMNS : Math.max(1, QUERIES / headsTogether);
    int until = column + 1;
    while (until < last && until < column + most && form.expanded(batch.phase(until)) == expanded) {
      until++;
    }
    sequence[count] = s;
    first[count] = column;
    end[count] = until;
    parts[count + 1] = parts[count] + (expanded ? heads : Math.ceilDiv(heads, headsTogether));
    count++;
    return until;
  }

  /** The tile that a part is of. */
  int tile(int part) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (parts[middle] <= part) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  int sequence(int tile) {
    return sequence[tile];
  }

  int first(int tile) {
    return first[tile];
  }

  int end(int tile) {
    return end[tile];
  }

  /** First head of a part whose tile is absorbed. */
  int firstHead(int tile, int part) {
    return (part - parts[tile]) * headsTogether;
  }

  int endHead(int tile, int part) {
    return Math.min(heads, firstHead(tile, part) + headsTogether);
  }

  /** The head of a part whose tile is expanded. */
  int head(int tile, int part) {
    return part - parts[tile];
  }
}
