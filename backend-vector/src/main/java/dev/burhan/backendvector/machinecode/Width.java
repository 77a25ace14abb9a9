package dev.burhan.backendvector.machinecode;

/** The vectors that routines are made for. */
enum Width {
  /** AVX2 and FMA, encoded as VEX. */
  BITS_256(32, 16),

  /** AVX-512 F and BW, encoded as EVEX. */
  BITS_512(64, 32);

  private final int bytes;
  private final int registers;

  Width(int bytes, int registers) {
    this.bytes = bytes;
    this.registers = registers;
  }

  /** Bytes of a vector. */
  int bytes() {
    return bytes;
  }

  /** How many vector registers there are. */
  int registers() {
    return registers;
  }

  int bits() {
    return 8 * bytes;
  }

  /** F32 numbers of a vector: half a panel's rows. */
  int lanes() {
    return bytes / 4;
  }

  /** Rows of a panel, and 16-bit numbers of a vector. */
  int rows() {
    return bytes / 2;
  }

  /** Whether an instruction can have one number of memory in all lanes, and {@code vpternlogd}. */
  boolean evex() {
    return this == BITS_512;
  }
}
