package dev.burhan.kernel.weights;

import dev.burhan.tensor.DataType;
import dev.burhan.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Expressions that move stored blocks around and leave their bytes alone. */
final class Regrouped {
  private Regrouped() {}

  static Shape with(Shape shape, int axis, long length) {
    List<Long> dims = new ArrayList<>(shape.dims());
    dims.set(axis, length);
    return new Shape(dims);
  }

  /** Part of an axis other than the innermost: whole rows. */
  static final class RowSlice extends Expression {
    private final Expression of;
    private final long firstInGroup; // rows of each outer index before the part
    private final long groupRows; // rows of each outer index in all
    private final long keptRows; // rows of each outer index in the part

    RowSlice(Expression of, int axis, long from, long to) {
      super(of.where(), of.type(), with(of.shape(), axis, to - from));
      this.of = of;
      long inner = 1; // rows an index of the axis
      for (int a = axis + 1; a < of.shape().rank() - 1; a++) {
        inner *= of.shape().dim(a);
      }
      this.firstInGroup = from * inner;
      this.groupRows = of.shape().dim(axis) * inner;
      this.keptRows = (to - from) * inner;
    }

    @Override
    Optional<MemorySegment> inPlace() {
      if (count() != keptRows) {
        return Optional.empty(); // more than one outer index: the rows have gaps between them
      }
      return of.inPlace().map(all -> all.asSlice(firstInGroup * rowBytes(), keptRows * rowBytes()));
    }

    @Override
    void readRows(long first, long count, MemorySegment to) {
      for (long row = first; row < first + count; ) {
        long within = row % keptRows;
        long run = Math.min(keptRows - within, first + count - row);
        of.readRows(
            row / keptRows * groupRows + firstInGroup + within,
            run,
            to.asSlice((row - first) * rowBytes()));
        row += run;
      }
    }
  }

  /** Part of the innermost axis; in F32 where it would cut a block. */
  static Expression columns(Expression of, long from, long to) {
    int block = of.type().blockElements();
    return from % block == 0 && to % block == 0
        ? new ColumnSlice(of, from, to)
        : new ColumnSlice(of.asF32(), from, to);
  }

  private static final class ColumnSlice extends Expression {
    private final Expression of;
    private final long skipped; // bytes of each row before the part

    ColumnSlice(Expression of, long from, long to) {
      super(of.where(), of.type(), with(of.shape(), of.shape().rank() - 1, to - from));
      this.of = of;
      this.skipped = of.type().bytes(from);
    }

    @Override
    Optional<MemorySegment> inPlace() {
      return count() == 1
          ? of.inPlace().map(all -> all.asSlice(skipped, rowBytes()))
          : Optional.empty();
    }

    @Override
    void readRows(long first, long count, MemorySegment to) {
      for (long row = 0; row < count; row++) {
        MemorySegment.copy(of.buffer(first + row, 1), skipped, to, row * rowBytes(), rowBytes());
      }
    }
  }

  static Expression stack(List<Expression> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("nothing to stack");
    }
    Expression.requireAlike(parts);
    return new Stacked(parts);
  }

  private static final class Stacked extends Expression {
    private final List<Expression> parts;

    Stacked(List<Expression> parts) {
      super(parts.getFirst().where(), parts.getFirst().type(), stacked(parts));
      this.parts = List.copyOf(parts);
    }

    private static Shape stacked(List<Expression> parts) {
      List<Long> dims = new ArrayList<>(parts.getFirst().shape().dims());
      dims.addFirst((long) parts.size());
      return new Shape(dims);
    }

    @Override
    void readRows(long first, long count, MemorySegment to) {
      long each = parts.getFirst().count();
      for (long row = first; row < first + count; ) {
        long within = row % each;
        long run = Math.min(each - within, first + count - row);
        parts
            .get(Math.toIntExact(row / each))
            .readRows(within, run, to.asSlice((row - first) * rowBytes()));
        row += run;
      }
    }
  }

  /** The same bytes in rows of another length. */
  static final class Reshaped extends Expression {
    private final Expression of;

    Reshaped(Expression of, Shape shape) {
      super(of.where(), of.type(), shape);
      this.of = of;
      if (shape.elements() != of.shape().elements()) {
        throw of.wrong("has shape %s, which can't be read as %s".formatted(of.shape(), shape));
      }
      DataType type = of.type();
      if (shape.cols() % type.blockElements() != 0) {
        throw of.wrong(
            "can't be read as %s: rows of %s are whole blocks of %d"
                .formatted(shape, type, type.blockElements()));
      }
    }

    @Override
    Optional<MemorySegment> inPlace() {
      return of.inPlace();
    }

    @Override
    void readRows(long first, long count, MemorySegment to) {
      if (cols() == of.cols()) {
        of.readRows(first, count, to);
        return;
      }
      long begin = first * rowBytes();
      long end = begin + count * rowBytes();
      for (long row = begin / of.rowBytes(); row * of.rowBytes() < end; row++) {
        long at = row * of.rowBytes();
        long from = Math.max(begin, at);
        long until = Math.min(end, at + of.rowBytes());
        MemorySegment.copy(of.buffer(row, 1), from - at, to, from - begin, until - from);
      }
    }
  }
}
