package dev.burhan.kernel.weights;

import dev.burhan.backend.Rows;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.checkpoint.CheckpointException;
import dev.burhan.checkpoint.TensorInfo;
import dev.burhan.graph.Source;
import dev.burhan.graph.Weight;
import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A {@link Source} over an open checkpoint: type and shape are known and checked when it is made,
 * numbers are computed when rows are read. Thread-safe.
 */
abstract class Expression implements Rows {
  private final String where;
  private final DataType type;
  private final Shape shape;

  Expression(String where, DataType type, Shape shape) {
    this.where = where;
    this.type = type;
    this.shape = shape;
  }

  /**
   * Checks an expression against the checkpoint's header; reads no number.
   *
   * @throws CheckpointException if a tensor is missing or does not fit what is done with it
   */
  static Expression of(Source source, Checkpoint checkpoint) {
    return switch (source) {
      case Source.Stored stored -> new StoredTensor(checkpoint, checkpoint.tensor(stored.tensor()));
      case Source.Slice slice -> slice(of(slice.of(), checkpoint), slice);
      case Source.Stack stack ->
          Regrouped.stack(stack.parts().stream().map(part -> of(part, checkpoint)).toList());
      case Source.Transpose transpose -> new Computed.Transposed(of(transpose.of(), checkpoint));
      case Source.Reshape reshape ->
          new Regrouped.Reshaped(of(reshape.of(), checkpoint), new Shape(reshape.shape()));
      case Source.BlockScaled scaled ->
          new Computed.BlockScaled(
              of(scaled.values(), checkpoint), of(scaled.scales(), checkpoint), scaled);
    };
  }

  /**
   * A weight's numbers, in its own type and shape.
   *
   * @throws CheckpointException also if the checkpoint has it in another type or shape
   */
  static Expression of(Weight weight, Checkpoint checkpoint) {
    Expression expression = of(weight.source(), checkpoint);
    if (!expression.shape().equals(weight.shape())) {
      throw expression.wrong(
          "has shape %s, expected %s".formatted(expression.shape(), weight.shape()));
    }
    if (weight.type().equals(DataType.F32)) {
      return expression.asF32();
    }
    if (!expression.type().equals(weight.type())) {
      throw expression.wrong(
          "is of type %s, expected %s".formatted(expression.type(), weight.type()));
    }
    return expression;
  }

  private static Expression slice(Expression of, Source.Slice slice) {
    int rank = of.shape().rank();
    if (slice.axis() < 0
        || slice.axis() >= rank
        || slice.from() < 0
        || slice.to() < slice.from()
        || slice.to() > of.shape().dim(slice.axis())) {
      throw of.wrong(
          "has shape %s, which has no part [%d, %d) along axis %d"
              .formatted(of.shape(), slice.from(), slice.to(), slice.axis()));
    }
    return slice.axis() == rank - 1
        ? Regrouped.columns(of, slice.from(), slice.to())
        : new Regrouped.RowSlice(of, slice.axis(), slice.from(), slice.to());
  }

  /** The file and tensor, for errors. */
  final String where() {
    return where;
  }

  final DataType type() {
    return type;
  }

  final Shape shape() {
    return shape;
  }

  final long rowBytes() {
    return type.bytes(shape.cols());
  }

  @Override
  public final long count() {
    return shape.rows();
  }

  @Override
  public final long cols() {
    return shape.cols();
  }

  /** All rows one after another where they lie, if they do. */
  Optional<MemorySegment> inPlace() {
    return Optional.empty();
  }

  @Override
  public final void read(long first, long count, MemorySegment to) {
    if (first < 0 || count < 0 || first > count() - count) {
      throw new IllegalArgumentException(
          "rows [%d, %d) are not within the %d of %s"
              .formatted(first, first + count, count(), where));
    }
    readRows(first, count, to);
  }

  /** {@link #read} with checked numbers. */
  abstract void readRows(long first, long count, MemorySegment to);

  /** These numbers as F32. */
  final Expression asF32() {
    return type.equals(DataType.F32) ? this : new Computed.Dequantised(this);
  }

  /**
   * Some rows in a buffer of their own, also where they lie mapped: what is read through a mapping
   * stays resident beside the copy that is made of it.
   */
  final MemorySegment buffer(long first, long count) {
    MemorySegment rows =
        MemorySegment.ofArray(new byte[Math.toIntExact(Math.multiplyExact(count, rowBytes()))]);
    readRows(first, count, rows);
    return rows;
  }

  final CheckpointException wrong(String problem) {
    return new CheckpointException(where + " " + problem);
  }

  /** What parts of an expression must have in common. */
  static void requireAlike(List<Expression> parts) {
    Expression first = parts.getFirst();
    for (Expression part : parts) {
      if (!part.type().equals(first.type()) || !part.shape().equals(first.shape())) {
        throw part.wrong(
            "is %s %s, but has to go together with %s, which is %s %s"
                .formatted(part.type(), part.shape(), first.where(), first.type(), first.shape()));
      }
    }
  }

  /** A tensor as the file has it. */
  private static final class StoredTensor extends Expression {
    private final Checkpoint checkpoint;
    private final String name;

    StoredTensor(Checkpoint checkpoint, TensorInfo info) {
      super(info.file() + ": tensor '" + info.name() + "'", info.type(), info.shape());
      this.checkpoint = checkpoint;
      this.name = info.name();
      if (info.shape().cols() % info.type().blockElements() != 0) {
        throw wrong(
            "has rows of %d numbers, not a whole number of %s blocks of %d"
                .formatted(info.shape().cols(), info.type(), info.type().blockElements()));
      }
      if (info.bytes() != count() * rowBytes()) {
        throw wrong(
            "has %d bytes where %s %s needs %d"
                .formatted(info.bytes(), info.type(), info.shape(), count() * rowBytes()));
      }
    }

    @Override
    Optional<MemorySegment> inPlace() {
      return Optional.of(checkpoint.data(name));
    }

    @Override
    void readRows(long first, long count, MemorySegment to) {
      checkpoint.read(
          name, first * rowBytes(), to.asSlice(0, Math.multiplyExact(count, rowBytes())));
    }
  }
}
