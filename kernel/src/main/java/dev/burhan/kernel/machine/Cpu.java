package dev.burhan.kernel.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The processor.
 *
 * @param model its name; the architecture's where the system does not tell
 * @param architecture as the JVM calls it: {@code amd64}, {@code aarch64}
 * @param features those that matter to kernels, as the system spells them, sorted
 * @param processors logical processors of the machine; those that the JVM may use can be fewer
 */
public record Cpu(String model, String architecture, List<String> features, int processors) {
  /** x86 flags of Linux, then aarch64's, then macOS's names for the latter. */
  private static final Set<String> RELEVANT =
      Set.of(
          "sse4_2",
          "avx",
          "avx2",
          "fma",
          "f16c",
          "avx_vnni",
          "avx512f",
          "avx512bw",
          "avx512vl",
          "avx512_vnni",
          "avx512_vbmi",
          "avx512_bf16",
          "avx512_fp16",
          "amx_tile",
          "amx_int8",
          "amx_bf16",
          "asimd",
          "asimdhp",
          "asimddp",
          "i8mm",
          "bf16",
          "sve",
          "sve2",
          "sme",
          "feat_dotprod",
          "feat_fp16",
          "feat_i8mm",
          "feat_bf16",
          "feat_sme");

  public Cpu {
    features = List.copyOf(features);
  }

  /** This machine's processor, as far as the system tells. */
  public static Cpu read() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (system.startsWith("mac")) {
      return fromSysctl(sysctl());
    }
    try {
      return fromCpuinfo(Files.readAllLines(Path.of("/proc/cpuinfo")));
    } catch (IOException e) {
      return unknown();
    }
  }

  private static Cpu unknown() {
    return new Cpu(architectureName(), architectureName(), List.of(), usable());
  }

  private static String architectureName() {
    return System.getProperty("os.arch", "unknown");
  }

  private static int usable() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** From Linux's {@code /proc/cpuinfo}: the first processor speaks for all. */
  static Cpu fromCpuinfo(List<String> lines) {
    String model = "";
    String features = "";
    int processors = 0;
    for (String line : lines) {
      String[] pair = line.split(":", 2);
      String value = pair.length == 2 ? pair[1].strip() : "";
      switch (pair[0].strip()) {
        case "processor" -> processors++;
        case "model name" -> model = model.isEmpty() ? value : model;
        case "flags", "Features" -> features = features.isEmpty() ? value : features;
        default -> {}
      }
    }
    return of(model, Arrays.asList(features.split("\\s+")), processors);
  }

  /** From macOS's {@code sysctl machdep.cpu hw.optional.arm hw.logicalcpu}. */
  static Cpu fromSysctl(List<String> lines) {
    String model = "";
    int processors = 0;
    List<String> features = new ArrayList<>();
    for (String line : lines) {
      String[] pair = line.split(":", 2);
      String value = pair.length == 2 ? pair[1].strip() : "";
      switch (pair[0].strip()) {
        case "machdep.cpu.brand_string" -> model = value;
        case "hw.logicalcpu" -> processors = Integer.parseInt(value);
        case "machdep.cpu.features", "machdep.cpu.leaf7_features" ->
            features.addAll(
                Arrays.asList(value.toLowerCase(Locale.ROOT).replace('.', '_').split("\\s+")));
        case String key when key.startsWith("hw.optional.arm.") && value.equals("1") ->
            features.add(key.substring("hw.optional.arm.".length()).toLowerCase(Locale.ROOT));
        default -> {}
      }
    }
    return of(model, features, processors);
  }

  private static Cpu of(String model, List<String> features, int processors) {
    Set<String> relevant = new TreeSet<>(features);
    relevant.retainAll(RELEVANT);
    return new Cpu(
        model.isEmpty() ? architectureName() : model,
        architectureName(),
        List.copyOf(relevant),
        processors > 0 ? processors : usable());
  }

  private static List<String> sysctl() {
    try {
      Process process =
          new ProcessBuilder("sysctl", "machdep.cpu", "hw.optional.arm", "hw.logicalcpu")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (var out = process.getInputStream()) {
        return new String(out.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      }
    } catch (IOException e) {
      return List.of();
    }
  }
}
