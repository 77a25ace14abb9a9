package dev.burhan.backendvector;

import java.lang.foreign.MemorySegment;

/** A way to multiply rows of a matrix by columns of activations. */
interface Product {

  /**
   * Adds {@code rows} rows from {@code firstRow} on times the columns listed in {@code work} to the
   * vectors of sums there: (tiles, columns, 4 rows). The final number is the sum of a vector's
   * lanes.
   *
   * @param rows at most {@code Work.TILE * Work.TILES}, inside the matrix
   * @param columns how many are listed
   */
  void addTo(int firstRow, int rows, int columns, MemorySegment work);
}
