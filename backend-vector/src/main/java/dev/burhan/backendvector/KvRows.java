package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.KvPlane;
import java.lang.foreign.MemorySegment;

/** The rows of a cache's plane, stored in the plane's type and read as F32, a head at a time. */
final class KvRows {
  private final KvPlane plane;
  private final MemorySegment source;
  private final int headDim;
  private final KvFormat format;
  private final int whole;
  private final int stride;

  /**
   * @param source F32 (columns, heads * headDim), appended to the cache
   */
  KvRows(KvPlane plane, MemorySegment source, int headDim, Lanes lanes) {
    this.plane = plane;
    this.source = source;
    this.headDim = headDim;
    this.format = KvFormat.of(plane.type(), lanes).orElseThrow();
    this.whole = headDim - headDim % lanes.floats().length();
    this.stride = AttentionWork.stride(headDim, lanes);
  }

  /** Stores a column's row. */
  void append(Batch batch, int column) {
    int sequence = batch.sequence(column);
    int position = batch.position(column);
    int page = batch.page(sequence, position / plane.tokensPerPage());
    long to = plane.offset(page, position % plane.tokensPerPage());
    format.write(source, 4L * column * plane.numbers(), plane.numbers(), plane.segment(), to);
  }

  /**
   * Reads {@code tokens} rows of a head from position {@code first} on: (tokens, stride), zeros
   * after the head's numbers.
   */
  void read(Batch batch, int sequence, int head, int first, int tokens, float[] to) {
    read(batch, sequence, head, first, tokens, to, 0, stride, stride);
  }

  /**
   * Reads them to rows that are part of longer ones.
   *
   * @param at where the first one begins in {@code to}
   * @param apart numbers from one row to the next
   * @param filled numbers that are written of each: zeros after the head's
   */
  void read(
      Batch batch,
      int sequence,
      int head,
      int first,
      int tokens,
      float[] to,
      int at,
      int apart,
      int filled) {
    int token = 0;
    while (token < tokens) {
      int page = batch.page(sequence, (first + token) / plane.tokensPerPage());
      int slot = (first + token) % plane.tokensPerPage();
      int rows = Math.min(tokens - token, plane.tokensPerPage() - slot);
      long from = plane.offset(page, slot) + format.bytes(head * headDim);
      int out = at + token * apart;
      format.read(plane.segment(), from, plane.rowBytes(), rows, whole, to, out, apart);
      if (whole < filled) {
        tails(from, rows, to, out, apart, filled);
      }
      token += rows;
    }
  }

  private void tails(long from, int rows, float[] to, int out, int apart, int filled) {
    for (int row = 0; row < rows; row++) {
      for (int i = whole; i < filled; i++) {
        to[out + row * apart + i] =
            i < headDim ? format.read(plane.segment(), from + row * plane.rowBytes(), i) : 0;
      }
    }
  }
}
