package dev.burhan.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodebookTest {

  /** As Python gguf 0.19.0 has them, in a packing of its own: tools/dequantised-vectors. */
  @ParameterizedTest
  @CsvSource({
    "IQ1, 2048, 8, 07540ffc1aeaf6ad4d97e96b0fcc765aae39671d4ae4a27bbd0e796fde167c6a",
    "IQ2_XXS, 256, 8, 05826b5d3e472a3a78f196be62ac78acf81df0f909626e12ab9fa2a5d490dd54",
    "IQ2_XS, 512, 8, 06e47aaca60b4dc1d9b5a3f34540437058a6b142b4d7a59d5ded769b4d1bf1de",
    "IQ2_S, 1024, 8, e1aa1473412b0552c2174c30ef22ab4073f6a181b85a17056e8249bd2932fd88",
    "IQ3_XXS, 256, 4, 46e35f5a997efdee6c99ce57854c8a0d4f0ff8ca57e5e8a60c0793ea580acf5d",
    "IQ3_S, 512, 4, bd1af4945a1717c65610b0284e4628b9a1ba3b306fae3a06f6e5f597356e349f"
  })
  void allNumbersAreThoseOfGguf(String name, int size, int width, String sha256)
      throws GeneralSecurityException {
    Codebook book = Codebook.valueOf(name);
    assertEquals(size, book.size());
    assertEquals(width, book.width());
    byte[] numbers = new byte[size * width];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = book.number(i / width, i % width);
    }
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(numbers);
    assertEquals(sha256, HexFormat.of().formatHex(digest));
  }

  @Test
  void nibblesStandForSixteenNumbers() {
    assertEquals(16, Codebook.IQ4.size());
    assertEquals(-127, Codebook.IQ4.number(0, 0));
    assertEquals(1, Codebook.IQ4.number(8, 0));
    assertEquals(113, Codebook.IQ4.number(15, 0));
  }
}
