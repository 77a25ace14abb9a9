package dev.burhan.kernel.scheduler;

import dev.burhan.backend.Phase;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Keys of KV pages: SHA-256 over the key of the page before, the tokens and their phases. The first
 * page's parent stands for the model, its numerics, the types of its caches and whose prompts may
 * share it; so two pages of equal keys hold equal bits.
 */
final class PrefixKeys {
  private final PageKey root;

  /**
   * Keys of pages that only those share who say the same here.
   *
   * @param identity names of model, numerics, types, tenant; in the same order each time
   */
  PrefixKeys(List<String> identity) {
    MessageDigest digest = sha256();
    for (String part : identity) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
      digest.update(bytes);
    }
    root = key(digest);
  }

  PageKey root() {
    return root;
  }

  /** The key of what {@code key} stands for, together with what these keys stand for. */
  PageKey with(PageKey key) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * Long.BYTES);
    for (PageKey part : List.of(root, key)) {
      bytes.putLong(part.a()).putLong(part.b()).putLong(part.c()).putLong(part.d());
    }
    MessageDigest digest = sha256();
    digest.update(bytes.array());
    return key(digest);
  }

  /**
   * The key of positions from {@code from} to before {@code to}, behind those of {@code parent}.
   */
  static PageKey child(PageKey parent, Sequence sequence, int from, int to) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * Long.BYTES + (to - from) * (Integer.BYTES + 1));
    bytes.putLong(parent.a()).putLong(parent.b()).putLong(parent.c()).putLong(parent.d());
    for (int position = from; position < to; position++) {
      bytes.putInt(sequence.token(position));
      bytes.put((byte) (sequence.phase(position) == Phase.PROMPT ? 0 : 1));
    }
    MessageDigest digest = sha256();
    digest.update(bytes.array());
    return key(digest);
  }

  private static PageKey key(MessageDigest digest) {
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    return new PageKey(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
