package dev.burhan.backendtck;

import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/** What a JVM has of threads and of memory that arenas took, to tell what was left behind. */
final class Left {
  private static final Pattern ARENAS =
      Pattern.compile("Other \\(reserved=[^)]*\\)\\s*\\(malloc=(\\d+)[^#]*#(\\d+)");
  private static final long PATIENCE_NANOS = 2_000_000_000;

  private final Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
  private final OptionalLong allocations = allocations();

  /** Threads that came since and don't end, by name; those of the JVM's own pool don't count. */
  Set<String> threads() throws InterruptedException {
    Set<String> left = new TreeSet<>();
    long end = System.nanoTime() + PATIENCE_NANOS; // for all together
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!before.contains(thread) && !thread.getName().startsWith("ForkJoinPool.commonPool")) {
        long patience = Math.max(1, (end - System.nanoTime()) / 1_000_000);
        thread.join(patience);
        if (thread.isAlive()) {
          left.add(thread.getName());
        }
      }
    }
    return left;
  }

  /** How many more blocks of memory arenas hold; empty if the JVM does not count them. */
  OptionalLong grown() {
    OptionalLong now = allocations();
    return now.isPresent() && allocations.isPresent()
        ? OptionalLong.of(now.getAsLong() - allocations.getAsLong())
        : OptionalLong.empty();
  }

  /** Native memory tracking's count of what was taken by java.lang.foreign (and by buffers). */
  private static OptionalLong allocations() {
    try {
      Object text =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "vmNativeMemory",
                  new Object[] {new String[] {"summary", "scale=b"}},
                  new String[] {String[].class.getName()});
      Matcher matcher = ARENAS.matcher(String.valueOf(text));
      return matcher.find()
          ? OptionalLong.of(Long.parseLong(matcher.group(2)))
          : OptionalLong.empty();
    } catch (JMException e) {
      return OptionalLong.empty(); // another JVM
    }
  }
}
