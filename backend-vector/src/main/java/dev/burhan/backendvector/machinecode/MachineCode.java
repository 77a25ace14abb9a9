package dev.burhan.backendvector.machinecode;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import jdk.incubator.vector.ShortVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Products in machine code that this program assembles itself, for x86-64 with AVX-512 BW: what the
 * Vector API has no operation for, a product of bytes that is summed in 16 bits, and fetching
 * memory ahead. Results have the bits of the kernels on the Vector API: what is assembled is
 * compared with plain Java before it is used, and left out where it differs or where the system
 * allows no memory to be made executable.
 */
public final class MachineCode implements AutoCloseable {
  /** Bytes that weights are fetched ahead. */
  static final int AHEAD = 2048;

  private static final int BYTES = 8;

  /** The vectors that it takes. */
  public static final int VECTOR_BITS = 512;

  private static final Logger LOG = LoggerFactory.getLogger(MachineCode.class);

  /** By bits of a weight; made when first asked for. */
  private final Map<Integer, Optional<Routines>> routines = new ConcurrentHashMap<>();

  private final AtomicBoolean told = new AtomicBoolean();
  private volatile boolean closed;

  private MachineCode() {}

  /** None where the processor or the operating system is another one. */
  public static Optional<MachineCode> find() {
    boolean known =
        System.getProperty("os.arch").equals("amd64")
            && System.getProperty("os.name").equals("Linux")
            && ShortVector.SPECIES_PREFERRED.vectorBitSize()
                == VECTOR_BITS; // that takes AVX-512 BW
    return known ? Optional.of(new MachineCode()) : Optional.empty();
  }

  /**
   * Products of planes, 32 rows of a panel, with activations in 8 bits, in {@link
   * ActivationBlock}s.
   *
   * @param bits of a weight: 4, 5 or 6; groups with a scale of their own are 32, 32 and 16 numbers
   * @return none if they can't be had here
   */
  public Optional<Routines> planes(int bits) {
    return routines.computeIfAbsent(
        bits, b -> made(c -> PlaneRoutine.of(b, c), r -> SelfCheck.planes(r, b)));
  }

  /** Products of signed bytes, 32 rows of a panel, scales by 32 numbers, with F32 activations. */
  public Optional<Routines> bytes() {
    return routines.computeIfAbsent(BYTES, b -> made(ByteRoutine::of, SelfCheck::bytes));
  }

  /** Gives the memory back. No routine may run any more; one that is called then is an error. */
  @Override
  public void close() {
    closed = true;
    routines.values().forEach(made -> made.ifPresent(Routines::close));
  }

  private Optional<Routines> made(IntFunction<byte[]> routine, Predicate<Routines> check) {
    if (closed) {
      return Optional.empty();
    }
    try {
      Routines made = new Routines(routine);
      if (check.test(made)) {
        return Optional.of(made);
      }
      made.close();
      LOG.warn("Machine code gives other numbers than Java on this processor, and is not used");
    } catch (IllegalStateException | IllegalCallerException | LinkageError e) {
      // Where native access is denied, the class of routines can't be initialised.
      Throwable reason = e.getCause() == null ? e : e.getCause();
      if (!told.getAndSet(true)) {
        LOG.warn("No machine code, kernels are slower: {}", reason.getMessage());
      }
    }
    return Optional.empty();
  }
}
