package dev.burhan.backendvector.machinecode;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Memory with code in it: {@code mmap}, then {@code mprotect} (POSIX.1-2017; the numbers are those
 * of Linux), never writable and executable at once.
 */
final class ExecutableMemory {
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int PROT_READ_EXECUTE = 1 | 4;
  private static final int MAP_PRIVATE_ANONYMOUS = 2 | 0x20;

  private ExecutableMemory() {}

  /**
   * Copies code there. The memory is given back when nothing refers to the segment any more, so
   * that no thread can be inside.
   *
   * @throws IllegalStateException if the system allows no such memory
   */
  @SuppressWarnings("restricted") // native access is what this class is for
  static MemorySegment of(byte[] code) {
    Linker linker = Linker.nativeLinker();
    MethodHandle mmap =
        function(
            linker,
            "mmap",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    MethodHandle mprotect =
        function(linker, "mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    MethodHandle munmap =
        function(linker, "munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    long bytes = code.length;
    try {
      MemorySegment address =
          (MemorySegment)
              mmap.invokeExact(
                  MemorySegment.NULL, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
      if (address.address() == -1) {
        throw new IllegalStateException("no memory for code");
      }
      MemorySegment.copy(code, 0, address.reinterpret(bytes), JAVA_BYTE, 0, code.length);
      if ((int) mprotect.invokeExact(address, bytes, PROT_READ_EXECUTE) != 0) {
        unmap(munmap, address, bytes);
        throw new IllegalStateException("the system allows no memory to be made executable");
      }
      return address.reinterpret(bytes, Arena.ofAuto(), code1 -> unmap(munmap, code1, bytes));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("memory for code could not be asked for", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(Linker linker, String name, FunctionDescriptor type) {
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  private static void unmap(MethodHandle munmap, MemorySegment address, long bytes) {
    try {
      int _ = (int) munmap.invokeExact(address, bytes);
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("munmap could not be called", e);
    }
  }
}
