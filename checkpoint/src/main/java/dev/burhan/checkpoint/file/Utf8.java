package dev.burhan.checkpoint.file;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strict UTF-8 at the speed of {@link String}'s decoder, which replaces what it can't decode. */
public final class Utf8 {
  private Utf8() {}

  /**
   * Decodes a range.
   *
   * @throws CharacterCodingException if it is not UTF-8
   */
  public static String decode(byte[] bytes, int from, int count) throws CharacterCodingException {
    String text = new String(bytes, from, count, StandardCharsets.UTF_8);
    if (text.indexOf('\ufffd')
        >= 0) { // it may be in the file itself: only the strict decoder can tell
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, count));
    }
    return text;
  }
}
