package dev.burhan.kernel.doctor;

import dev.burhan.kernel.report.Amount;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The Java that runs this, and the flags that matter. */
final class JvmCheck {
  private static final int OLDEST = 25;
  private static final String VECTOR = "jdk.incubator.vector";
  private static final long LITTLE_HEAP = 256L << 20;

  private JvmCheck() {}

  static List<Finding> findings(OptionalLong usableMemory) {
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    findings.add(vectorModule());
    findings.add(nativeAccess());
    findings.add(heap(usableMemory));
    List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
    findings.add(Finding.ok("JVM flags", flags.isEmpty() ? "none" : String.join(" ", flags)));
    return findings;
  }

  private static Finding java() {
    String text =
        Runtime.version()
            + ", "
            + System.getProperty("java.vendor")
            + ", "
            + System.getProperty("java.home");
    return Runtime.version().feature() >= OLDEST
        ? Finding.ok("Java", text)
        : Finding.failure("Java", text, "install a JDK " + OLDEST + " or newer");
  }

  private static Finding vectorModule() {
    return ModuleLayer.boot().findModule(VECTOR).isPresent()
        ? Finding.ok("Vector API", VECTOR + " is there")
        : Finding.failure(
            "Vector API",
            VECTOR + " is missing",
            "start with the script, or with java --add-modules " + VECTOR);
  }

  private static Finding nativeAccess() {
    return JvmCheck.class.getModule().isNativeAccessEnabled()
        ? Finding.ok("native access", "allowed")
        : Finding.warning(
            "native access",
            "not allowed: large memory comes from the Java heap's limit",
            "start with the script, or with java --enable-native-access=ALL-UNNAMED");
  }

  private static Finding heap(OptionalLong usableMemory) {
    long most = Runtime.getRuntime().maxMemory();
    String text = "at most " + Amount.bytes(most);
    if (most < LITTLE_HEAP) {
      return Finding.warning(
          "Java heap", text, "give it more: BURHAN_JAVA_OPTS=-Xmx1g; weights lie outside of it");
    }
    if (usableMemory.isPresent() && most > usableMemory.getAsLong() * 3 / 4) {
      return Finding.warning(
          "Java heap",
          text + " of " + Amount.bytes(usableMemory.getAsLong()),
          "leave room for weights and caches, which lie outside of it: a smaller -Xmx");
    }
    return Finding.ok("Java heap", text);
  }
}
