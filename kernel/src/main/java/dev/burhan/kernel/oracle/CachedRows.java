package dev.burhan.kernel.oracle;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.burhan.backend.Batch;
import dev.burhan.backend.KvPlane;
import dev.burhan.kernel.kv.KvNumbers;
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
  private final KvNumbers stored;

  CachedRows(KvPlane plane, MemorySegment fresh) {
    this.plane = plane;
    this.fresh = fresh;
    this.stored =
        KvNumbers.of(plane.type())
            .orElseThrow(
                () ->
                    new UsageException(
                        "the oracle keeps caches as F32, F16, BF16 or Q8_0, asked for "
                            + plane.type()));
  }

  /** Stores numbers {@code [from, from + count)} of a column of this step: whole blocks. */
  void append(Batch batch, int column, int from, int count) {
    long at = offset(batch, batch.sequence(column), batch.position(column));
    stored.put(numbers(column, from, count), 0, count, plane.segment(), at, from);
  }

  private float[] numbers(long column, int from, int count) {
    long first = column * plane.numbers() + from;
    return fresh.asSlice(4 * first, 4L * count).toArray(JAVA_FLOAT_UNALIGNED);
  }

  /** Number {@code index} of the token at a position of a sequence, as stored. */
  float get(Batch batch, int sequence, int position, int index) {
    int firstColumn = batch.firstColumn(sequence);
    int firstPosition = batch.position(firstColumn);
    if (position >= firstPosition) {
      long column = firstColumn + (position - firstPosition);
      return rounded(column, index);
    }
    return stored.get(plane.segment(), offset(batch, sequence, position), index);
  }

  /** A number of this step as it would have been stored, with the block that it is in. */
  private float rounded(long column, int index) {
    int block = plane.type().blockElements();
    int from = index / block * block;
    MemorySegment bytes = MemorySegment.ofArray(new byte[plane.type().blockBytes()]);
    stored.put(numbers(column, from, block), 0, block, bytes, 0, 0);
    return stored.get(bytes, 0, index - from);
  }

  private long offset(Batch batch, int sequence, int position) {
    int page = batch.page(sequence, position / plane.tokensPerPage());
    return plane.offset(page, position % plane.tokensPerPage());
  }
}
