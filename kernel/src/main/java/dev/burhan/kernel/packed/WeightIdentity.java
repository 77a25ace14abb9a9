package dev.burhan.kernel.packed;

import dev.burhan.graph.Source;
import dev.burhan.kernel.weights.WeightKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/**
 * What a packed weight is, in 32 bytes: a hash over the model's own hash, what the packer does, the
 * layout and the weight's source, type and shape. Every text goes in with its length and every kind
 * of source with a letter, so that no two weights give the same bytes to hash.
 */
final class WeightIdentity {
  private final MessageDigest digest = ContentHash.digest();

  private WeightIdentity() {}

  /**
   * The identity of a weight.
   *
   * @param model the checkpoint's content hash
   * @param packer what its packer does
   */
  static byte[] of(String model, String packer, WeightKey key) {
    WeightIdentity identity = new WeightIdentity();
    identity.text(model);
    identity.text(packer);
    identity.text(ByteOrder.nativeOrder().toString());
    identity.text(key.layout().name());
    identity.number(key.layout().version());
    identity.text(key.type().name());
    identity.number(key.type().blockElements());
    identity.number(key.type().blockBytes());
    identity.numbers(key.shape().dims());
    identity.source(key.source());
    return identity.digest.digest();
  }

  private void source(Source source) {
    switch (source) {
      case Source.Stored stored -> {
        text("t");
        text(stored.tensor());
      }
      case Source.Slice slice -> {
        text("s");
        number(slice.axis());
        number(slice.from());
        number(slice.to());
        source(slice.of());
      }
      case Source.Stack stack -> {
        text("k");
        number(stack.parts().size());
        stack.parts().forEach(this::source);
      }
      case Source.Transpose transpose -> {
        text("x");
        source(transpose.of());
      }
      case Source.Reshape reshape -> {
        text("r");
        numbers(reshape.shape());
        source(reshape.of());
      }
      case Source.BlockScaled scaled -> {
        text("b");
        number(scaled.blockRows());
        number(scaled.blockCols());
        source(scaled.values());
        source(scaled.scales());
      }
    }
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(bytes.length);
    digest.update(bytes);
  }

  private void numbers(List<Long> numbers) {
    number(numbers.size());
    numbers.forEach(this::number);
  }

  private void number(long number) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
  }
}
