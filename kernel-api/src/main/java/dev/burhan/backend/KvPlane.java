package dev.burhan.backend;

import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;

/**
 * One plane of a cache in host memory: (pages, tokensPerPage, numbers), row-major.
 *
 * @param segment the memory of all pages
 * @param type how numbers are stored
 * @param numbers numbers a token
 * @param tokensPerPage tokens a page
 */
public record KvPlane(MemorySegment segment, DataType type, int numbers, int tokensPerPage) {

  /** Bytes of one token's row. */
  public long rowBytes() {
    return type.bytes(numbers);
  }

  /** Byte offset of a token's row: token {@code slot} of page {@code page}. */
  public long offset(int page, int slot) {
    return ((long) page * tokensPerPage + slot) * rowBytes();
  }
}
