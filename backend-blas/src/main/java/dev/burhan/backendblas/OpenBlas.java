package dev.burhan.backendblas;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.burhan.provider.BurhanException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The loaded library. It computes on the thread that calls it and on no other: Burhan's workers
 * share a product out among themselves. Unloaded when closed; the caller guarantees that nobody
 * calls it then.
 */
@SuppressWarnings("restricted") // native calls are what it is for
final class OpenBlas implements AutoCloseable {
  // of cblas.h
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANSPOSE = 111;
  private static final int TRANSPOSE = 112;

  private static final long LONGEST_TEXT = 1024;

  private final Arena arena;
  private final MethodHandle sgemm;
  private final String version;
  private final String core;

  private OpenBlas(Arena arena, SymbolLookup library) throws Throwable {
    this.arena = arena;
    sgemm =
        function(
            library,
            "cblas_sgemm",
            FunctionDescriptor.ofVoid(
                JAVA_INT,
                JAVA_INT,
                JAVA_INT, // order, transposition of a and b
                JAVA_INT,
                JAVA_INT,
                JAVA_INT, // m, n, k
                JAVA_FLOAT,
                JAVA_LONG,
                JAVA_INT,
                JAVA_LONG,
                JAVA_INT, // alpha, a, lda, b, ldb
                JAVA_FLOAT,
                JAVA_LONG,
                JAVA_INT)); // beta, c, ldc
    function(library, "openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT)).invoke(1);
    version = text(library, "openblas_get_config").replaceFirst("^OpenBLAS (\\S+).*$", "$1");
    core = text(library, "openblas_get_corename");
  }

  /**
   * Loads the library.
   *
   * @throws BurhanException if the system refuses it, or it is not OpenBLAS
   */
  static OpenBlas load(Path file) {
    Arena arena = Arena.ofShared();
    try {
      return new OpenBlas(arena, SymbolLookup.libraryLookup(file, arena));
    } catch (Throwable e) {
      arena.close();
      throw new BurhanException(file + " can't be loaded as OpenBLAS: " + reason(file, e), e);
    }
  }

  /** A library lookup does not tell what the system's loader said; this does. */
  private static String reason(Path file, Throwable failure) {
    if (failure instanceof IllegalArgumentException) {
      try {
        System.load(file.toString());
      } catch (LinkageError e) {
        return e.getMessage();
      }
    }
    return failure.getMessage();
  }

  private static MethodHandle function(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    MemorySegment address =
        library.find(name).orElseThrow(() -> new IllegalStateException("it has no " + name));
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }

  private static String text(SymbolLookup library, String name) throws Throwable {
    MethodHandle function = function(library, name, FunctionDescriptor.of(ADDRESS));
    return ((MemorySegment) function.invoke()).reinterpret(LONGEST_TEXT).getString(0);
  }

  String version() {
    return version;
  }

  /** The processor whose kernels it took, such as {@code Cooperlake}. */
  String core() {
    return core;
  }

  /**
   * {@code c = a b^T + beta c}, all by address, F32 and row-major. Nothing is checked: the lengths
   * were when the kernel was bound.
   *
   * @param m rows of a (m, k) and c
   * @param n rows of b (n, k), columns of c
   * @param lda numbers from a row of a to the next; {@code ldb}, {@code ldc} the same
   */
  void multiply(
      int m, int n, int k, long a, int lda, long b, int ldb, float beta, long c, int ldc) {
    try {
      sgemm.invokeExact(
          ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE, m, n, k, 1f, a, lda, b, ldb, beta, c, ldc);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call of OpenBLAS failed", e);
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
