package dev.burhan.kernel.testing;

import dev.burhan.backend.Packer;
import dev.burhan.backend.Rows;
import dev.burhan.graph.Weight;
import dev.burhan.kernel.weights.PackerProbe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A packer for tests: the rows' own bytes, each matrix padded to panels of 32 rows. */
public final class PaddedPanels implements Packer {
  private final List<long[]> parts = Collections.synchronizedList(new ArrayList<>());

  /** What was packed: (first row, rows). */
  public List<long[]> parts() {
    return List.copyOf(parts);
  }

  private static long matrixRows(Weight weight) {
    return weight.shape().dim(weight.shape().rank() - 2);
  }

  private static long padded(Weight weight) {
    return Math.ceilDiv(matrixRows(weight), 32) * 32;
  }

  @Override
  public long bytes(Weight weight) {
    long matrices = weight.shape().rows() / matrixRows(weight);
    return matrices * padded(weight) * weight.type().bytes(weight.shape().cols());
  }

  @Override
  public int rowsPerPanel() {
    return 32;
  }

  @Override
  public void pack(Weight weight, Rows rows, long first, long count, MemorySegment to) {
    if (!weight.name().equals(PackerProbe.NAME)) {
      parts.add(new long[] {first, count});
    }
    long rowBytes = weight.type().bytes(weight.shape().cols());
    long matrix = first / matrixRows(weight);
    long at = matrix * padded(weight) + first % matrixRows(weight);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment read = arena.allocate(count * rowBytes);
      rows.read(first, count, read);
      MemorySegment.copy(read, 0, to, at * rowBytes, read.byteSize());
    }
  }
}
