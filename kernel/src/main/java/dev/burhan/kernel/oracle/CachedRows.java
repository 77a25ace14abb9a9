package dev.burhan.kernel.oracle;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.burhan.backend.Batch;
import dev.burhan.backend.KvPlane;
import dev.burhan.kernel.kv.KvNumbers;
import dev.burhan.provider.UsageException;
import java.lang.foreign.MemorySegment;

/**
 * One plane of a cache as attention sees it: a row for each token. Rows of this step are appended
 * before any part reads, so that all are read with the rounding of the plane's type and a token's
 * bits do not depend on the step in which its neighbours came.
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

  /** Stores a column of this step. */
  void append(Batch batch, int column) {
    float[] row =
        fresh.asSlice(4L * column * plane.numbers(), 4L * plane.numbers()).toArray(JAVA_FLOAT);
    long at = offset(batch, batch.sequence(column), batch.position(column));
    stored.put(row, 0, row.length, plane.segment(), at, 0);
  }

  /** Numbers {@code [from, from + count)} of the token at a position of a sequence, as stored. */
  void read(Batch batch, int sequence, int position, int from, int count, MemorySegment to) {
    long at = offset(batch, sequence, position);
    if (stored == KvNumbers.F32) { // most tests: one copy and not a call for each number
      MemorySegment.copy(plane.segment(), at + 4L * from, to, 0, 4L * count);
      return;
    }
    for (int i = 0; i < count; i++) {
      to.setAtIndex(JAVA_FLOAT, i, stored.get(plane.segment(), at, from + i));
    }
  }

  private long offset(Batch batch, int sequence, int position) {
    int page = batch.page(sequence, position / plane.tokensPerPage());
    return plane.offset(page, position % plane.tokensPerPage());
  }
}
