package dev.burhan.kernel.doctor;

import dev.burhan.kernel.machine.Cpu;
import dev.burhan.kernel.machine.MachineMemory;
import dev.burhan.kernel.report.Amount;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** System, processor and memory. */
final class MachineCheck {
  private static final long LITTLE_MEMORY = 1L << 30;

  private MachineCheck() {}

  static List<Finding> findings(Cpu cpu, double bandwidth) {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        Finding.ok(
            "system",
            System.getProperty("os.name")
                + " "
                + System.getProperty("os.version")
                + ", "
                + cpu.architecture()));
    findings.add(
        Finding.ok(
            "processor",
            cpu.model()
                + (cpu.features().isEmpty() ? "" : ": " + String.join(" ", cpu.features()))));
    findings.add(processors(cpu));
    findings.add(memory());
    findings.add(
        Finding.ok(
            "read bandwidth",
            Amount.bytes(bandwidth) + "/s; a token takes at least its weights' bytes over this"));
    return findings;
  }

  private static Finding processors(Cpu cpu) {
    int usable = Runtime.getRuntime().availableProcessors();
    return usable < cpu.processors()
        ? Finding.ok(
            "processors",
            usable + " of " + cpu.processors() + ": a container's limit, affinity or a JVM flag")
        : Finding.ok("processors", Integer.toString(usable));
  }

  private static Finding memory() {
    OptionalLong usable = MachineMemory.usable();
    OptionalLong installed = MachineMemory.installed();
    OptionalLong available = MachineMemory.available();
    if (usable.isEmpty()) {
      return Finding.ok("memory", "unknown");
    }
    String text = Amount.bytes(usable.getAsLong());
    if (installed.isPresent() && usable.getAsLong() < installed.getAsLong()) {
      text += " of " + Amount.bytes(installed.getAsLong()) + ": a container's limit";
    }
    if (available.isPresent()) {
      text += ", " + Amount.bytes(available.getAsLong()) + " free";
    }
    return Math.min(usable.getAsLong(), available.orElse(Long.MAX_VALUE)) < LITTLE_MEMORY
        ? Finding.warning("memory", text, "free some: even a small model takes about 0.5 GB")
        : Finding.ok("memory", text);
  }
}
