package dev.burhan.text.bpe;

/**
 * UTF-8 bytes to characters, a few at a time. Bytes that are no UTF-8 become U+FFFD, one for each
 * longest beginning of a valid sequence (Unicode 16, section 3.9, "substitution of maximal
 * subparts").
 */
final class Utf8Decoder {
  private final StringBuilder out = new StringBuilder();
  private int point; // bits of the sequence so far
  private int missing; // continuation bytes still to come
  private int low = 0x80; // bounds of the next continuation byte
  private int high = 0xBF;

  void accept(byte next) {
    int b = next & 0xFF;
    if (missing > 0) {
      if (b >= low && b <= high) {
        point = point << 6 | b & 0x3F;
        low = 0x80;
        high = 0xBF;
        if (--missing == 0) {
          out.appendCodePoint(point);
        }
        return;
      }
      giveUp();
    }
    begin(b);
  }

  private void begin(int b) {
    if (b < 0x80) {
      out.append((char) b);
    } else if (b >= 0xC2 && b <= 0xDF) {
      expect(1, b & 0x1F);
    } else if (b >= 0xE0 && b <= 0xEF) {
      expect(2, b & 0x0F);
      low = b == 0xE0 ? 0xA0 : 0x80; // shorter forms exist below
      high = b == 0xED ? 0x9F : 0xBF; // surrogates above
    } else if (b >= 0xF0 && b <= 0xF4) {
      expect(3, b & 0x07);
      low = b == 0xF0 ? 0x90 : 0x80;
      high = b == 0xF4 ? 0x8F : 0xBF; // nothing above U+10FFFF
    } else {
      out.append('\uFFFD');
    }
  }

  private void expect(int bytes, int bits) {
    missing = bytes;
    point = bits;
  }

  private void giveUp() {
    out.append('\uFFFD');
    missing = 0;
    low = 0x80;
    high = 0xBF;
  }

  /** The characters that are complete and were not taken yet. */
  String take() {
    if (out.isEmpty()) {
      return "";
    }
    String taken = out.toString();
    out.setLength(0);
    return taken;
  }

  /** What is left at the end. */
  String end() {
    if (missing > 0) {
      giveUp();
    }
    return take();
  }
}
