package dev.burhan.kernel.weights;

import dev.burhan.backend.Packer;
import dev.burhan.backend.Rows;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/**
 * What a packer does, in a few letters: a hash over a few packed rows of fixed bytes. A layout's
 * version is what its author promises; packed weights that are kept on the disk go by this too, so
 * that an arrangement that was changed and not renamed gives no wrong numbers.
 */
public final class PackerProbe {
  /** The name of the weight that is packed for it. */
  public static final String NAME = "probe";

  private static final int ROWS = 3; // the last panel is partial
  private static final int COLS = 1024; // several of the largest blocks

  private PackerProbe() {}

  /** The same for all weights of one type and use. */
  public static String of(Weight weight, Packer packer) {
    Weight probe =
        new Weight(
            NAME, weight.type(), Shape.of(ROWS, COLS), new Source.Stored(NAME), weight.use());
    byte[] bytes = new byte[Math.toIntExact(probe.bytes())];
    new Random(1).nextBytes(bytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment packed = arena.allocate(packer.bytes(probe), Long.BYTES);
      packer.pack(probe, rows(bytes), 0, ROWS, packed);
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(packed.toArray(ValueLayout.JAVA_BYTE));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static Rows rows(byte[] bytes) {
    int rowBytes = bytes.length / ROWS;
    return new Rows() {
      @Override
      public long count() {
        return ROWS;
      }

      @Override
      public long cols() {
        return COLS;
      }

      @Override
      public void read(long first, long count, MemorySegment to) {
        MemorySegment.copy(MemorySegment.ofArray(bytes), first * rowBytes, to, 0, count * rowBytes);
      }
    };
  }
}
