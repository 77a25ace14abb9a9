package dev.burhan.backendvector.machinecode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import jdk.incubator.vector.ShortVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Products in machine code that this program assembles itself, for x86-64 with AVX-512 BW, or with
 * AVX2 and FMA: what the Vector API has no operation for, a product of bytes that is summed in 16
 * bits, and fetching memory ahead. Results have the bits of the kernels on the Vector API: what is
 * assembled is compared with plain Java before it is used, and left out where it differs or where
 * the system allows no memory to be made executable.
 */
public final class MachineCode implements AutoCloseable {
  /** Bytes that weights are fetched ahead. */
  static final int AHEAD = 2048;

  private static final int BYTES = 8;

  private static final Logger LOG = LoggerFactory.getLogger(MachineCode.class);

  /** By bits of a weight; made when first asked for. */
  private final Map<Integer, Optional<Routines>> routines = new ConcurrentHashMap<>();

  private final AtomicBoolean told = new AtomicBoolean();
  private volatile boolean closed;

  private final Width width;

  private MachineCode(Width width) {
    this.width = width;
  }

  /**
   * Finds what there is for vectors of so many bits. HotSpot prefers vectors of 512 bits for 16-bit
   * numbers where the processor has AVX-512 BW, and of 256 bits for integers where it has AVX2. A
   * processor with AVX2 may lack FMA.
   *
   * @param bits 128, 256 or 512
   * @return none where the processor or the operating system is another one
   */
  public static Optional<MachineCode> find(int bits) {
    boolean known =
        System.getProperty("os.arch").equals("amd64")
            && System.getProperty("os.name").equals("Linux")
            && ShortVector.SPECIES_PREFERRED.vectorBitSize() >= bits;
    return Arrays.stream(Width.values())
        .filter(width -> known && width.bits() == bits)
        .filter(width -> width.evex() || hasFma())
        .findFirst()
        .map(MachineCode::new);
  }

  /**
   * Whether the kernel says so. It takes flags back of registers that it doesn't save; the JVM's
   * own knowledge is in a module that need not be there.
   */
  private static boolean hasFma() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .filter(line -> List.of(line.split("\\s+")).contains("fma"))
          .isPresent();
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  /** Bits of the vectors that it takes. */
  public int bits() {
    return width.bits();
  }

  /**
   * Products of planes, a panel's rows, with activations in 8 bits, in {@link ActivationBlock}s.
   *
   * @param bits of a weight: 4, 5 or 6; groups with a scale of their own are 32, 32 and 16 numbers
   * @return none if they can't be had here
   */
  public Optional<Routines> planes(int bits) {
    return routines.computeIfAbsent(
        bits,
        b ->
            made(
                Columns.MOST,
                PlaneRoutine.block(width, b),
                c -> PlaneRoutine.of(width, b, c),
                r -> SelfCheck.planes(r, width, b)));
  }

  /** Products of signed bytes, a panel's rows, scales by 32 numbers, with F32 activations. */
  public Optional<Routines> bytes() {
    return routines.computeIfAbsent(
        BYTES,
        b ->
            made(
                ByteRoutine.columns(width),
                ByteRoutine.block(width),
                c -> ByteRoutine.of(width, c),
                r -> SelfCheck.bytes(r, width)));
  }

  /** Gives the memory back. No routine may run any more; one that is called then is an error. */
  @Override
  public void close() {
    closed = true;
    routines.values().forEach(made -> made.ifPresent(Routines::close));
  }

  private Optional<Routines> made(
      int columns, Routines.Block block, IntFunction<byte[]> routine, Predicate<Routines> check) {
    if (closed) {
      return Optional.empty();
    }
    try {
      Routines made = new Routines(columns, block, routine);
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
