package dev.burhan.backendvector;

/** A block of the file, split while it is packed: its integers and its scale fields. */
final class SplitBlock {
  private static final int LARGEST = 256;

  final byte[] numbers = new byte[LARGEST];
  final byte[] scales = new byte[32];
}
