package dev.burhan.kernel.receipt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 in hexadecimal digits. */
final class Hashes {
  private Hashes() {}

  static String text(String text) {
    return hex(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Of token ids, four bytes each, the lowest first. */
  static String tokens(List<Integer> ids) {
    ByteBuffer bytes =
        ByteBuffer.allocate(ids.size() * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ids.forEach(bytes::putInt);
    return hex(bytes.array());
  }

  private static String hex(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
