package dev.burhan.backendvector.machinecode;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Memory with code in it: {@code mmap}, then {@code mprotect} (POSIX.1-2017; the numbers are those
 * of Linux), never writable and executable at once.
 */
final class ExecutableMemory implements AutoCloseable {
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int PROT_READ_EXECUTE = 1 | 4;
  private static final int MAP_PRIVATE_ANONYMOUS = 2 | 0x20;

  private final long bytes;
  private final MemorySegment address;
  private final MethodHandle munmap;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Copies code there.
   *
   * @throws IllegalStateException if the system allows no such memory
   */
  @SuppressWarnings("restricted") // native access is what this class is for
  ExecutableMemory(byte[] code) {
    Linker linker = Linker.nativeLinker();
    MethodHandle mmap =
        function(
            linker,
            "mmap",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    MethodHandle mprotect =
        function(linker, "mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    munmap = function(linker, "munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    bytes = code.length;
    try {
      address =
          (MemorySegment)
              mmap.invokeExact(
                  MemorySegment.NULL, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
      if (address.address() == -1) {
        throw new IllegalStateException("no memory for machine code");
      }
      MemorySegment.copy(code, 0, address.reinterpret(bytes), JAVA_BYTE, 0, code.length);
      if ((int) mprotect.invokeExact(address, bytes, PROT_READ_EXECUTE) != 0) {
        close();
        throw new IllegalStateException("the system allows no memory to be made executable");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("memory for machine code could not be asked for", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(Linker linker, String name, FunctionDescriptor type) {
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  long address() {
    return address.address();
  }

  /** Gives the memory back: nobody may be in the code. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      int _ = (int) munmap.invokeExact(address, bytes);
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("munmap could not be called", e);
    }
  }
}
