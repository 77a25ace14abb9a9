package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * One head's projection out of the latent space, (rows, rank), in its three uses: latents of many
 * tokens, one latent, and transposed. Activations are F32. Each sum is one accumulator over k
 * ascending, so that a token's bits do not depend on its company.
 */
final class LatentProjection {
  private final Panels panels; // (heads, rows, rank)
  private final Lanes lanes;
  private final int rank;
  private final Stage fold;
  private final FloatTile tile;

  LatentProjection(Panels panels, Lanes lanes) {
    this.panels = panels;
    this.lanes = lanes;
    this.rank = panels.cols;
    this.tile = new FloatTile(lanes);
    this.fold = (w, at, first, count, work) -> fold(first, count, work);
  }

  int rows() {
    return panels.rows;
  }

  /**
   * Projects latents.
   *
   * @param latents F32 (tokens, stride)
   * @param to F32 (tokens, toStride), of which the first {@link #rows} of each row are written
   */
  void many(
      int head,
      int tokens,
      float[] latents,
      int stride,
      float[] to,
      int toStride,
      Work work,
      int worker) {
    int rows = lanes.rows();
    int columns = FloatTile.padded(tokens);
    for (int panel = first(head); panel < first(head + 1); panel++) {
      long at = panels.open(panel, work, worker);
      Arrays.fill(work.sums, 0, columns * rows, 0);
      for (int from = 0; from < rank; from += Work.CHUNK) {
        int count = Math.min(Work.CHUNK, rank - from);
        for (int t = 0; t < tokens; t++) {
          System.arraycopy(latents, t * stride + from, work.x, t * Work.CHUNK, count);
        }
        panels.floats(panel, at, from, count, work, worker);
        tile.multiply(work, tokens, count, 0);
      }
      int row = panels.firstRow(panel);
      int some = Math.min(rows, panels.rows - row);
      for (int t = 0; t < tokens; t++) {
        System.arraycopy(work.sums, t * rows, to, t * toStride + row, some);
      }
    }
  }

  /** Projects the latent in {@code work.x} to {@code out}: F32 (rows) from byte {@code to} on. */
  void one(int head, MemorySegment out, long to, Work work, int worker) {
    int step = panels.dotChunk();
    for (int panel = first(head); panel < first(head + 1); panel++) {
      long at = panels.open(panel, work, worker);
      Arrays.fill(work.sums, 0, lanes.rows(), 0);
      for (int from = 0; from < rank; from += step) {
        int count = Math.min(step, rank - from);
        panels.dot(panel, at, from, count, work, worker);
      }
      int row = panels.firstRow(panel);
      int some = Math.min(lanes.rows(), panels.rows - row);
      MemorySegment.copy(work.sums, 0, out, Memory.FLOAT, to + 4L * row, some);
    }
  }

  /**
   * The transposed product: moves a query into the latent space.
   *
   * @param query F32 (rows) from byte {@code from} on
   * @param result F32 (rank) from {@code to} on
   */
  void transposed(
      int head, MemorySegment query, long from, float[] result, int to, Work work, int worker) {
    int v = lanes.floats().length();
    float[] folds = work.latent.folds;
    Arrays.fill(folds, 0, rank * v, 0);
    for (int panel = first(head); panel < first(head + 1); panel++) {
      long at = panels.open(panel, work, worker);
      int row = panels.firstRow(panel);
      int some = Math.min(lanes.rows(), panels.rows - row);
      Arrays.fill(work.vectors, 0, lanes.rows(), 0);
      MemorySegment.copy(query, Memory.FLOAT, from + 4L * row, work.vectors, 0, some);
      for (int k = 0; k < rank; k += Work.CHUNK) {
        int count = Math.min(Work.CHUNK, rank - k);
        panels.floats(panel, at, k, count, work, worker);
        Stage.run(fold, query, 0, k, count, work);
      }
    }
    for (int r = 0; r < rank; r++) {
      result[to + r] = lanes.sum(folds, r * v);
    }
  }

  /** Adds a chunk's rows, each times its number of the query; lanes are added up at the end. */
  private void fold(int first, int count, Work work) {
    int v = lanes.floats().length();
    float[] folds = work.latent.folds;
    FloatVector q0 = FloatVector.fromArray(lanes.floats(), work.vectors, 0);
    FloatVector q1 = FloatVector.fromArray(lanes.floats(), work.vectors, v);
    for (int k = 0; k < count; k++) {
      int at = (first + k) * v;
      FloatVector sum = FloatVector.fromArray(lanes.floats(), folds, at);
      sum = FloatVector.fromArray(lanes.floats(), work.floats, k * 2 * v).fma(q0, sum);
      sum = FloatVector.fromArray(lanes.floats(), work.floats, k * 2 * v + v).fma(q1, sum);
      sum.intoArray(folds, at);
    }
  }

  private int first(int head) {
    return head * panels.perMatrix();
  }
}
