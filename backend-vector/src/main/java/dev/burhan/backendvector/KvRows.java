package dev.burhan.backendvector;

import dev.burhan.backend.Batch;
import dev.burhan.backend.KvPlane;
import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;

/** The rows of one head in a cache's plane, stored in the plane's type and read as F32. */
final class KvRows {
  private final KvPlane plane;
  private final MemorySegment source;
  private final int headDim;
  private final Widen widen;

  /**
   * @param source F32 (columns, heads * headDim), appended to the cache
   */
  KvRows(KvPlane plane, MemorySegment source, int headDim, Lanes lanes) {
    this.plane = plane;
    this.source = source;
    this.headDim = headDim;
    this.widen = Widen.of(plane.type(), lanes).orElseThrow();
  }

  static boolean supports(DataType type) {
    return type.equals(DataType.F32) || type.equals(DataType.F16) || type.equals(DataType.BF16);
  }

  /** Stores a column's row of one head. */
  void append(Batch batch, int sequence, int column, int head) {
    long from = 4L * column * plane.numbers() + 4L * head * headDim;
    long to = offset(batch, sequence, head, batch.position(column));
    if (plane.type().equals(DataType.F32)) {
      MemorySegment.copy(source, from, plane.segment(), to, 4L * headDim);
      return;
    }
    boolean half = plane.type().equals(DataType.F16);
    for (int i = 0; i < headDim; i++) {
      float number = source.get(Memory.FLOAT, from + i * 4L);
      short bits = half ? Float.floatToFloat16(number) : brainFloat(number);
      plane.segment().set(Memory.SHORT, to + i * 2L, bits);
    }
  }

  /** The nearest bfloat16, ties to even; NaN stays NaN. */
  private static short brainFloat(float number) {
    int bits = Float.floatToIntBits(number);
    if (Float.isNaN(number)) {
      return (short) (bits >>> 16);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** Reads {@code tokens} rows from position {@code first} on: (tokens, headDim). */
  void read(Batch batch, int sequence, int head, int first, int tokens, float[] to) {
    for (int token = 0; token < tokens; token++) {
      long at = offset(batch, sequence, head, first + token);
      widen.widen(plane.segment(), at, headDim, to, token * headDim);
    }
  }

  private long offset(Batch batch, int sequence, int head, int position) {
    int page = batch.page(sequence, position / plane.tokensPerPage());
    return plane.offset(page, position % plane.tokensPerPage())
        + (long) head * headDim * plane.type().blockBytes();
  }
}
