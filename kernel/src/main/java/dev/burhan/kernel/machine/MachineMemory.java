package dev.burhan.kernel.machine;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Memory of the machine and of this process, in bytes. */
public final class MachineMemory {
  private static final Logger LOG = LoggerFactory.getLogger(MachineMemory.class);

  private MachineMemory() {}

  /** What the process may use: the machine's memory, or a container's limit if that is less. */
  public static OptionalLong usable() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? OptionalLong.of(system.getTotalMemorySize())
        : OptionalLong.empty();
  }

  /** The machine's memory, where the system tells (Linux). */
  public static OptionalLong installed() {
    return kilobytes(Path.of("/proc/meminfo"), "MemTotal");
  }

  /** What could be taken without swapping, where the system tells (Linux). */
  public static OptionalLong available() {
    return kilobytes(Path.of("/proc/meminfo"), "MemAvailable");
  }

  /** The most that this process ever had resident, mapped files included (Linux). */
  public static OptionalLong peakResident() {
    return kilobytes(Path.of("/proc/self/status"), "VmHWM");
  }

  /** What this process has resident now, mapped files included (Linux). */
  public static OptionalLong resident() {
    return kilobytes(Path.of("/proc/self/status"), "VmRSS");
  }

  /** Begins {@link #peakResident} anew, where the system can (Linux 4.0 and later). */
  public static void resetPeakResident() {
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      LOG.debug("the peak of resident memory can't be reset, it holds since the start", e);
    }
  }

  private static OptionalLong kilobytes(Path file, String key) {
    try {
      return kilobytes(Files.readAllLines(file), key);
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** From lines such as {@code VmHWM: 1234 kB}. */
  static OptionalLong kilobytes(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key + ":"))
        .map(line -> line.replaceAll("\\D", ""))
        .filter(digits -> !digits.isEmpty())
        .mapToLong(digits -> Long.parseLong(digits) * 1024)
        .findFirst();
  }
}
