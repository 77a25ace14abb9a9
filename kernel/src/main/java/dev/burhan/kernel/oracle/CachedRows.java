package dev.burhan.kernel.oracle;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.burhan.backend.Batch;
import dev.burhan.backend.KvPlane;
import dev.burhan.provider.UsageException;
import java.lang.foreign.MemorySegment;

/**
 * One plane of a cache as attention sees it: the rows of earlier steps lie in pages, those of this
 * step in a value. Both are read with the rounding of the plane's type, so that a token's bits do
 * not depend on the step in which its neighbours came; and a part that appends its own column never
 * races with one that reads it.
 */
final class CachedRows {
  private final KvPlane plane;
  private final MemorySegment fresh; // (columns, numbers) F32
  private final Storage storage;

  private enum Storage {
    F32,
    F16,
    BF16
  }

  CachedRows(KvPlane plane, MemorySegment fresh) {
    this.plane = plane;
    this.fresh = fresh;
    this.storage =
        switch (plane.type().name()) {
          case "F32" -> Storage.F32;
          case "F16" -> Storage.F16;
          case "BF16" -> Storage.BF16;
          default ->
              throw new UsageException(
                  "the oracle keeps caches as F32, F16 or BF16, asked for " + plane.type());
        };
  }

  /** Stores numbers {@code [from, from + count)} of a column of this step. */
  void append(Batch batch, int column, int from, int count) {
    int sequence = batch.sequence(column);
    long at = offset(batch, sequence, batch.position(column));
    for (int i = from; i < from + count; i++) {
      float number = Arrays32.get(fresh, (long) column * plane.numbers() + i);
      switch (storage) {
        case F32 -> plane.segment().set(JAVA_FLOAT_UNALIGNED, at + 4L * i, number);
        case F16 ->
            plane.segment().set(JAVA_SHORT_UNALIGNED, at + 2L * i, Float.floatToFloat16(number));
        case BF16 -> plane.segment().set(JAVA_SHORT_UNALIGNED, at + 2L * i, toBf16(number));
      }
    }
  }

  /** Number {@code index} of the token at a position of a sequence, as stored. */
  float get(Batch batch, int sequence, int position, int index) {
    int firstColumn = batch.firstColumn(sequence);
    int firstPosition = batch.position(firstColumn);
    if (position >= firstPosition) {
      long column = firstColumn + (position - firstPosition);
      return rounded(Arrays32.get(fresh, column * plane.numbers() + index));
    }
    long at = offset(batch, sequence, position);
    return switch (storage) {
      case F32 -> plane.segment().get(JAVA_FLOAT_UNALIGNED, at + 4L * index);
      case F16 -> Float.float16ToFloat(plane.segment().get(JAVA_SHORT_UNALIGNED, at + 2L * index));
      case BF16 -> fromBf16(plane.segment().get(JAVA_SHORT_UNALIGNED, at + 2L * index));
    };
  }

  private long offset(Batch batch, int sequence, int position) {
    int page = batch.page(sequence, position / plane.tokensPerPage());
    return plane.offset(page, position % plane.tokensPerPage());
  }

  private float rounded(float number) {
    return switch (storage) {
      case F32 -> number;
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(number));
      case BF16 -> fromBf16(toBf16(number));
    };
  }

  private static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** To nearest, ties to even; a NaN stays one. */
  private static short toBf16(float number) {
    int bits = Float.floatToRawIntBits(number);
    return Float.isNaN(number)
        ? (short) (bits >>> 16 | 0x40)
        : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
