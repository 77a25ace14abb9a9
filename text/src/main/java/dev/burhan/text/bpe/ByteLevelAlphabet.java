package dev.burhan.text.bpe;

/**
 * The 256 characters in which a byte-level vocabulary spells bytes: printable Latin-1 stands for
 * itself, every other byte for the next free character from U+0100 on, so that no entry holds a
 * space or a control character. Source: GPT-2's {@code encoder.py}, {@code bytes_to_unicode}.
 */
final class ByteLevelAlphabet {
  private static final int CHARACTERS = 0x144; // 256 + the 68 bytes that are not printable
  private static final char[] CHARACTER = new char[256];
  private static final short[] BYTE = new short[CHARACTERS];

  static {
    java.util.Arrays.fill(BYTE, (short) -1);
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE);
      CHARACTER[b] = printable ? (char) b : next++;
      BYTE[CHARACTER[b]] = (short) b;
    }
  }

  private ByteLevelAlphabet() {}

  /** The byte that a character stands for, or -1 if it is not in the alphabet. */
  static int toByte(char c) {
    return c < CHARACTERS ? BYTE[c] : -1;
  }

  static char toCharacter(int b) {
    return CHARACTER[b & 0xFF];
  }
}
