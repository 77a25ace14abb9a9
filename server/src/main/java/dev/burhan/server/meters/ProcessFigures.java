package dev.burhan.server.meters;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Prometheus' own clients tell of a process, under the same names. */
final class ProcessFigures {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private ProcessFigures() {}

  static void register(MeterRegistry registry) {
    if (Files.isReadable(STATUS)) {
      Gauge.builder("process.resident_memory_bytes", ProcessFigures::residentBytes)
          .description("Resident memory of the process, mapped weights included")
          .register(registry);
    }
    Gauge.builder("process.start_time_seconds", ProcessFigures::startSeconds)
        .description("Start of the process in seconds since 1970")
        .register(registry);
    Gauge.builder("jvm.memory_used_bytes", ProcessFigures::heapBytes)
        .description("Used memory of the Java heap")
        .tag("area", "heap")
        .register(registry);
  }

  /** Linux' /proc/self/status, proc(5): kibibytes. */
  private static double residentBytes() {
    try (var lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .mapToDouble(line -> 1024 * Double.parseDouble(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException | RuntimeException e) {
      return Double.NaN;
    }
  }

  private static double startSeconds() {
    return ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3;
  }

  private static double heapBytes() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
