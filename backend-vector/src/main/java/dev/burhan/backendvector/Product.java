package dev.burhan.backendvector;

/** A way to multiply rows of a matrix by columns of activations. */
interface Product {

  /**
   * Adds {@code rows} rows from {@code firstRow} on times the columns listed in {@code work} to the
   * sums there: (tiles, columns, 4 rows).
   *
   * @param rows at most {@code Work.TILE * Work.TILES}, inside the matrix
   * @param columns how many are listed
   */
  void addTo(int firstRow, int rows, int columns, Work work);
}
