package dev.burhan.backend;

import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Supplier;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The memory of a program, given to kernels when they are bound. All segments lie outside of the
 * Java heap, stay valid and in place until the program is closed, and are aligned to 64 bytes
 * unless said.
 */
@ProviderType
public interface Bindings {

  Limits limits();

  /**
   * A value's rows: (rows, width), F32 or I32, where rows is the limit of columns or of logit rows.
   */
  MemorySegment value(Value value);

  /** A value's rows in another form: (rows, {@code encoding.bytesPerRow(width)}). */
  MemorySegment encoded(Value value, Encoding encoding);

  /**
   * A weight in the first of the library's layouts that could be had; weights of use VECTOR always
   * come in {@link Layout#F32}. Mapped files give no alignment beyond the format's own (GGUF: 32
   * bytes).
   */
  Resident weight(Weight weight);

  /**
   * The experts of a weight one by one, where not all are to be in memory; then {@link #weight}
   * should not be asked for. Empty where they are.
   */
  default Optional<ExpertSlots> slots(Weight weight) {
    return Optional.empty();
  }

  /** One plane of a cache: see {@link KvPlane}. */
  KvPlane plane(CacheSpec cache, int plane);

  /** Memory for each worker, of at least so many bytes. */
  Scratch scratch(long bytes);

  /**
   * Memory of all workers together, for the time of the kernel's parts of one step: what it holds
   * afterwards is open. There from the first step on; asked for once and kept.
   */
  Supplier<MemorySegment> common(long bytes);
}
