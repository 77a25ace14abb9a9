package dev.burhan.checkpoint.convert;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;

/** A folder's tensor; FP8 values are multiplied by the scales of their blocks. */
final class StoredRows implements Rows {
  /** What the name of a tensor of scales has behind that of the values. */
  static final String SCALES = "_scale_inv";

  private static final Set<DataType> TYPES =
      Set.of(DataType.F64, DataType.F32, DataType.F16, DataType.BF16, DataType.F8_E4M3);
  private static final float[] E4M3 = e4m3();

  private final Checkpoint folder;
  private final TensorInfo info;
  private final Optional<Scales> scales;
  private byte[] bytes = new byte[0];

  private record Scales(float[] numbers, long cols, int blockRows, int blockCols) {}

  private StoredRows(Checkpoint folder, TensorInfo info, Optional<Scales> scales) {
    this.folder = folder;
    this.info = info;
    this.scales = scales;
  }

  /**
   * A tensor that must be there.
   *
   * @param block rows and columns that share a scale
   */
  static StoredRows of(Checkpoint folder, String name, long[] block) {
    TensorInfo info = folder.tensor(name);
    if (!TYPES.contains(info.type())) {
      throw new CheckpointException(
          "%s: tensor '%s' is %s; only floating point tensors can be converted"
              .formatted(info.file(), name, info.type()));
    }
    if (!info.type().equals(DataType.F8_E4M3)) {
      return new StoredRows(folder, info, Optional.empty());
    }
    String scales = name + SCALES;
    if (info.shape().rank() != 2 || !folder.tensors().containsKey(scales)) {
      throw new CheckpointException(
          "%s: tensor '%s' is F8_E4M3, but there is no tensor '%s' with the scales of its blocks; is a shard missing?"
              .formatted(info.file(), name, scales));
    }
    return new StoredRows(folder, info, Optional.of(scales(folder, info, scales, block)));
  }

  private static Scales scales(Checkpoint folder, TensorInfo values, String name, long[] block) {
    StoredRows rows = of(folder, name, block);
    Shape expected =
        Shape.of(
            Math.ceilDiv(values.shape().dim(0), block[0]),
            Math.ceilDiv(values.shape().dim(1), block[1]));
    if (!rows.shape().equals(expected)) {
      throw new CheckpointException(
          "%s: tensor '%s' has shape %s, expected %s: a scale for each block of %d x %d of '%s'"
              .formatted(
                  values.file(), name, rows.shape(), expected, block[0], block[1], values.name()));
    }
    float[] numbers = new float[Math.toIntExact(expected.elements())];
    int cols = (int) expected.cols();
    for (int row = 0; row < expected.rows(); row++) {
      rows.read(row, numbers, row * cols);
    }
    return new Scales(numbers, cols, (int) block[0], (int) block[1]);
  }

  @Override
  public Shape shape() {
    return info.shape();
  }

  @Override
  public void read(long row, float[] to, int at) {
    int cols = Math.toIntExact(info.shape().cols());
    int length = Math.toIntExact(info.type().bytes(cols));
    bytes = bytes.length == length ? bytes : new byte[length];
    folder.read(info.name(), row * length, MemorySegment.ofArray(bytes));
    ByteBuffer in = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
    for (int i = 0; i < cols; i++) {
      to[at + i] =
          switch (info.type().name()) {
            case "F64" -> (float) in.getDouble();
            case "F32" -> in.getFloat();
            case "F16" -> Float.float16ToFloat(in.getShort());
            case "BF16" -> Float.intBitsToFloat(in.getShort() << 16);
            default -> E4M3[in.get() & 0xff];
          };
    }
    scales.ifPresent(
        s -> {
          int first = Math.toIntExact(row / s.blockRows * s.cols);
          for (int i = 0; i < cols; i++) {
            to[at + i] *= s.numbers[first + i / s.blockCols];
          }
        });
  }

  /** OCP FP8 E4M3: exponent bias 7, no infinities, one NaN of each sign. */
  private static float[] e4m3() {
    float[] numbers = new float[256];
    for (int bits = 0; bits < 256; bits++) {
      int exponent = bits >> 3 & 15;
      int mantissa = bits & 7;
      float magnitude =
          (bits & 0x7f) == 0x7f
              ? Float.NaN
              : exponent == 0
                  ? Math.scalb((float) mantissa, -9)
                  : Math.scalb(1 + mantissa / 8f, exponent - 7);
      numbers[bits] = bits < 128 ? magnitude : -magnitude;
    }
    return numbers;
  }
}
