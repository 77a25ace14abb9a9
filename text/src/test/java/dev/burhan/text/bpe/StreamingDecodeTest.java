package dev.burhan.text.bpe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.burhan.provider.UsageException;
import dev.burhan.text.TokenDecoder;
import dev.burhan.text.Tokenizer;
import dev.burhan.text.support.TinyTokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamingDecodeTest {
  @TempDir Path folder;

  @Test
  void piecesOfAStreamMakeUpTheWholeTextWhateverTheBytes() {
    Tokenizer tokenizer = TinyTokenizer.open(folder, TinyTokenizer.json());
    var random = new Random(1);
    for (int round = 0; round < 20_000; round++) {
      int[] ids = ids(random);
      boolean skipSpecial = random.nextBoolean();
      String whole = tokenizer.decode(ids, skipSpecial);
      TokenDecoder decoder = tokenizer.decoder(skipSpecial);
      var pieces = new StringBuilder();
      for (int id : ids) {
        String piece = decoder.next(id);
        assertFalse(
            !piece.isEmpty() && Character.isLowSurrogate(piece.charAt(0)), "a character was split");
        pieces.append(piece);
      }
      assertEquals(whole, pieces.append(decoder.end()).toString());
    }
  }

  /**
   * Bytes, mostly such as begin or continue characters, with some merged and special tokens among
   * them.
   */
  private static int[] ids(Random random) {
    int[] ids = new int[random.nextInt(12)];
    for (int i = 0; i < ids.length; i++) {
      ids[i] =
          switch (random.nextInt(8)) {
            case 0 -> random.nextInt(256);
            case 1 -> 256 + random.nextInt(7);
            case 2 -> TinyTokenizer.END + random.nextInt(4);
            case 3 -> 0xF0 + random.nextInt(6);
            case 4 -> 0xC0 + random.nextInt(0x30);
            default -> 0x80 + random.nextInt(0x40);
          };
    }
    return ids;
  }

  /** The examples of the Unicode standard, version 16, section 3.9, tables 3-8 to 3-11. */
  @Test
  void whatIsNoUtf8BecomesAReplacementCharacterForEachMaximalSubpart() {
    assertEquals("????????A", decode("C0 AF E0 80 BF F0 81 82 41"));
    assertEquals("????????A", decode("ED A0 80 ED BF BF ED AF 41"));
    assertEquals("?????A??B", decode("F4 91 92 93 FF 41 80 BF 42"));
    assertEquals("????A", decode("E1 80 E2 F0 91 92 F1 BF 41"));
  }

  private static String decode(String hexadecimal) {
    var decoder = new Utf8Decoder();
    for (String b : hexadecimal.split(" ")) {
      decoder.accept((byte) Integer.parseInt(b, 16));
    }
    return decoder.end().replace('\uFFFD', '?');
  }

  @Test
  void whatIsUtf8IsDecodedAsItIs() {
    var random = new Random(2);
    for (int round = 0; round < 20_000; round++) {
      int point = random.nextInt(Character.MAX_CODE_POINT + 1);
      if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
        var decoder = new Utf8Decoder();
        for (byte b : Character.toString(point).getBytes(StandardCharsets.UTF_8)) {
          assertEquals("", decoder.take());
          decoder.accept(b);
        }
        assertEquals(Character.toString(point), decoder.take());
      }
    }
  }

  @Test
  void aCharacterAppearsWithItsLastByte() {
    Tokenizer tokenizer = TinyTokenizer.open(folder, TinyTokenizer.json());
    TokenDecoder decoder = tokenizer.decoder(false);
    assertEquals("", decoder.next(0xF0));
    assertEquals("", decoder.next(0x9F));
    assertEquals("", decoder.next(0x98));
    assertEquals("\uD83D\uDE00", decoder.next(0x80));
    assertEquals("", decoder.next(0xC3));
    assertEquals("\uFFFD", decoder.end());
    assertEquals("a", decoder.next('a'), "the decoder is as new after its end");
  }

  @Test
  void anIdOutOfRangeIsAskedWrongly() {
    Tokenizer tokenizer = TinyTokenizer.open(folder, TinyTokenizer.json());
    assertEquals(304, tokenizer.size());
    var error = assertThrows(UsageException.class, () -> tokenizer.decode(new int[] {304}, false));
    assertEquals(
        "Token id 304 is out of range: this tokenizer has ids 0 to 303", error.getMessage());
    assertThrows(UsageException.class, () -> tokenizer.decoder(true).next(-1));
    assertThrows(UsageException.class, () -> tokenizer.piece(304));
    assertEquals(
        "", tokenizer.decode(new int[] {270}, false), "a gap in the vocabulary stands for nothing");
  }
}
