package dev.burhan.checkpoint.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Damages that a file may have suffered, by seed. */
public final class Mutations {
  private static final long[] LIES = {
    0,
    1,
    2,
    3,
    7,
    8,
    31,
    32,
    33,
    255,
    256,
    65_535,
    1 << 20,
    Integer.MAX_VALUE,
    1L << 31,
    0xffff_ffffL,
    1L << 32,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -2,
    -32
  };

  private Mutations() {}

  /**
   * One to three damages within the header.
   *
   * @param interesting offsets of lengths, counts and types
   */
  public static byte[] mutate(byte[] whole, int headerEnd, int[] interesting, Random random) {
    byte[] bytes = whole.clone();
    int damages = 1 + random.nextInt(3);
    for (int i = 0; i < damages && bytes.length > 16; i++) {
      bytes = once(bytes, Math.min(headerEnd, bytes.length), interesting, random);
    }
    return bytes;
  }

  private static byte[] once(byte[] bytes, int end, int[] interesting, Random random) {
    int at = random.nextInt(end);
    switch (random.nextInt(8)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2, 3, 4 -> lie(bytes, interesting[random.nextInt(interesting.length)], random);
      case 5 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 6 -> copied(bytes, random.nextInt(end), at, end);
      default -> {
        return resized(bytes, at, random);
      }
    }
    return bytes;
  }

  private static void copied(byte[] bytes, int from, int to, int end) {
    System.arraycopy(bytes, from, bytes, to, Math.min(8, end - Math.max(from, to)));
  }

  private static void lie(byte[] bytes, int at, Random random) {
    if (at + 8 > bytes.length) {
      return;
    }
    var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long near = buffer.getLong(at) + random.nextInt(-40, 41);
    long lie = random.nextBoolean() ? near : LIES[random.nextInt(LIES.length)];
    if (random.nextBoolean()) {
      buffer.putLong(at, lie);
    } else {
      buffer.putInt(at, (int) lie);
    }
  }

  /** Some bytes cut out or put in. */
  private static byte[] resized(byte[] bytes, int at, Random random) {
    int count = 1 + random.nextInt(16);
    if (random.nextBoolean() && at + count < bytes.length) {
      byte[] shorter = Arrays.copyOf(bytes, bytes.length - count);
      System.arraycopy(bytes, at + count, shorter, at, bytes.length - at - count);
      return shorter;
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + count);
    System.arraycopy(bytes, at, longer, at + count, bytes.length - at);
    return longer;
  }
}
