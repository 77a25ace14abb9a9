package dev.burhan.backendvector.machinecode;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Products of one kind of weights with 1 to {@link #columns} columns, a routine for each number of
 * them.
 */
public final class Routines implements AutoCloseable {
  /** Takes the routine first. No transition, so that calls cost nanoseconds; heap allowed. */
  @SuppressWarnings("restricted") // native access is what this class is for
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.ofVoid(
                  JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG),
              Linker.Option.critical(true));

  /**
   * What a block of 32 numbers takes.
   *
   * @param rows of a panel
   * @param activations numbers of {@code x} for each column
   * @param scales numbers of {@code scales}
   */
  record Block(int rows, int activations, int scales) {}

  private final Block block;
  private final ExecutableMemory memory;
  private final MemorySegment[] starts; // by columns - 1
  private volatile boolean closed;

  /**
   * @param columns most of a call
   * @param routine by the number of columns
   * @throws IllegalStateException if the system allows no memory to be made executable
   */
  Routines(int columns, Block block, IntFunction<byte[]> routine) {
    this.block = block;
    List<byte[]> all = IntStream.rangeClosed(1, columns).mapToObj(routine).toList();
    byte[] together = new byte[all.stream().mapToInt(code -> align(code.length)).sum()];
    int[] at = new int[columns + 1];
    for (int i = 0; i < columns; i++) {
      byte[] code = all.get(i);
      System.arraycopy(code, 0, together, at[i], code.length);
      at[i + 1] = at[i] + align(code.length);
    }
    this.memory = new ExecutableMemory(together);
    this.starts =
        IntStream.range(0, columns)
            .mapToObj(i -> MemorySegment.ofAddress(memory.address() + at[i]))
            .toArray(MemorySegment[]::new);
  }

  private static int align(int length) {
    return Math.ceilDiv(length, 64) * 64;
  }

  /** Most columns of a call. */
  public int columns() {
    return starts.length;
  }

  /**
   * Adds the products of blocks of 32 numbers with columns to sums. The caller guarantees that the
   * weights are there, and stay there.
   *
   * @param columns 1 to {@link #columns}
   * @param weights address of the blocks
   * @param x int[] of {@link ActivationBlock}s, or float[]: activations, the first column's from
   *     {@code first} on, the next one's {@code stride} numbers later
   * @param scales float[] (groups, rows): of the weights
   * @param sums float[]: (columns, rows) from {@code to} on
   * @param blocks at least 1
   * @throws IndexOutOfBoundsException if anything but the weights is too short
   */
  public void run(
      int columns,
      long weights,
      MemorySegment x,
      int first,
      int stride,
      MemorySegment scales,
      MemorySegment sums,
      int to,
      int blocks) {
    if (closed) {
      throw new IllegalStateException("the backend of these kernels was closed");
    }
    MemorySegment routine = starts[columns - 1];
    Objects.checkIndex(blocks - 1, Integer.MAX_VALUE);
    long last = first + (columns - 1L) * stride;
    Objects.checkFromIndexSize(4L * first, 4L * blocks * block.activations(), x.byteSize());
    Objects.checkFromIndexSize(4L * last, 4L * blocks * block.activations(), x.byteSize());
    Objects.checkFromIndexSize(0, 4L * blocks * block.scales(), scales.byteSize());
    Objects.checkFromIndexSize(4L * to, 4L * columns * block.rows(), sums.byteSize());
    try {
      CALL.invokeExact(
          routine, weights, x, 4L * first, 4L * stride, scales, sums, 4L * to, (long) blocks);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("machine code could not be called", e);
    }
  }

  /** Gives the memory back: no thread may be in a routine. */
  @Override
  public void close() {
    closed = true;
    memory.close();
  }
}
