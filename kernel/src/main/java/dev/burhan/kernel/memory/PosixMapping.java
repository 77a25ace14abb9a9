package dev.burhan.kernel.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.burhan.provider.BurhanException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Anonymous {@code mmap} and {@code munmap} (POSIX.1-2017; the flags' numbers are those of Linux on
 * x86-64, aarch64 and riscv64, and of macOS).
 */
final class PosixMapping {
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS_LINUX = 0x20;
  private static final int MAP_ANONYMOUS_MAC = 0x1000;
  private static final int MADV_HUGEPAGE = 14;
  private static final long HUGE_PAGE = 2L << 20;

  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle mmap;
  private final MethodHandle munmap;
  private final MethodHandle madvise;
  private final int anonymous;
  private final boolean hugePages;

  /**
   * Finds the functions.
   *
   * @throws RuntimeException if they are not there or native access is not allowed
   */
  @SuppressWarnings("restricted") // native access is what this class is for
  PosixMapping(boolean mac) {
    Linker linker = Linker.nativeLinker();
    Linker.Option errno = Linker.Option.captureCallState("errno");
    this.mmap =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mmap"),
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
            errno);
    this.munmap =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("munmap"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    this.madvise =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("madvise"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    this.anonymous = mac ? MAP_ANONYMOUS_MAC : MAP_ANONYMOUS_LINUX;
    this.hugePages = !mac;
  }

  @SuppressWarnings("restricted") // the length is the one that was mapped
  MemorySegment map(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      MemorySegment address =
          (MemorySegment)
              mmap.invokeExact(
                  state,
                  MemorySegment.NULL,
                  bytes,
                  PROT_READ_WRITE,
                  MAP_PRIVATE | anonymous,
                  -1,
                  0L);
      if (address.address() == -1) {
        throw NativeHostMemory.noRoom(
            bytes, "mmap failed with errno " + (int) ERRNO.get(state, 0L));
      }
      if (hugePages && bytes >= HUGE_PAGE) {
        int _ = (int) madvise.invokeExact(address, bytes, MADV_HUGEPAGE); // a hint: may fail
      }
      return address.reinterpret(bytes);
    } catch (BurhanException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("mmap could not be called", e);
    }
  }

  void unmap(MemorySegment segment) {
    int result;
    try {
      result = (int) munmap.invokeExact(segment, segment.byteSize());
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("munmap could not be called", e);
    }
    if (result != 0) {
      throw new IllegalStateException("munmap refused a block that mmap gave");
    }
  }
}
