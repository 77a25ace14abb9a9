package dev.burhan.checkpoint.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.burhan.provider.BurhanException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Tries damaged inputs by seed: each is read, or ends in one clear line; it ends within a bounded
 * time of the processor, and takes no more memory than its own size calls for. {@code
 * -Dburhan.fuzz=N} tries N inputs of each kind, {@code -Dburhan.fuzz.seed=S} begins with another
 * seed than 0.
 */
public final class Fuzz {
  /** Of the processor, not of the clock: a loaded machine changes nothing. */
  private static final long LONGEST_CPU = TimeUnit.SECONDS.toNanos(20);

  private static final long LONGEST_WAIT = TimeUnit.MINUTES.toNanos(5); // blocked, not computing
  private static final long LOOK_MILLIS = 500;
  private static final int MOST_FAILURES = 10;
  private static final int LONGEST_MESSAGE = 1_200;
  private static final int LONGEST_SHOWN = 2_000;

  /** For a reader itself, whatever the file. */
  private static final long FIXED_ALLOCATION = 12 << 20;

  private static final long ALLOCATION_PER_BYTE = 64;

  /** How far an input got: the stage in which it ended. */
  public static final class Depth {
    private String stage;

    public void at(String stage) {
      this.stage = stage;
    }
  }

  /** Reads an input, and says on the way how far it is. */
  public interface Reading {
    void read(Depth depth) throws Exception;
  }

  /**
   * A damaged input.
   *
   * @param bytes its size, which bounds what reading it may allocate
   * @param named what every error about it must name
   */
  public record Input(long bytes, String named, Reading reading) {}

  /** Makes an input; the same one for the same random numbers. */
  public interface Damage {
    Input input(Random random) throws Exception;
  }

  /** The stage that an error's message belongs to, or null for the one that was reached. */
  public interface Refusal {
    String stage(String message);
  }

  private final String format;
  private final int inputs;
  private final String firstPast;
  private final Refusal refusal;
  private final Map<String, Integer> histogram = new LinkedHashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private volatile long seed;
  private volatile Throwable broken;

  /**
   * A series of inputs of one kind.
   *
   * @param inputs how many, unless the system property says otherwise
   * @param stages in the order in which reading passes them
   * @param firstPast the first stage behind the header: at least half of the inputs must reach it
   */
  public Fuzz(String format, int inputs, List<String> stages, String firstPast, Refusal refusal) {
    this.format = format;
    this.inputs = Integer.getInteger("burhan.fuzz", inputs);
    this.firstPast = firstPast;
    this.refusal = refusal;
    stages.forEach(stage -> histogram.put(stage, 0));
  }

  /** Tries all inputs, prints how far they got, and fails for what must not happen. */
  public void run(Damage damage) throws InterruptedException {
    long first = Long.getLong("burhan.fuzz.seed", 0);
    seed = first;
    Thread worker = new Thread(() -> tryAll(damage, first), "fuzz " + format);
    worker.setDaemon(true);
    worker.start();
    watch(worker);
    if (broken != null) {
      throw new AssertionError(where(seed) + " could not be made", broken);
    }
    report(first);
  }

  private void tryAll(Damage damage, long first) {
    try {
      for (long next = first; next < first + inputs && failures.size() < MOST_FAILURES; next++) {
        seed = next;
        // neighbouring seeds give alike first numbers
        tryOne(damage.input(new Random(next * 0x9E3779B97F4A7C15L)), where(next));
      }
    } catch (Throwable e) {
      broken = e;
    }
  }

  private void tryOne(Input input, String where) {
    var depth = new Depth();
    depth.at(histogram.keySet().iterator().next());
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      input.reading.read(depth);
    } catch (BurhanException e) {
      String stage = refusal.stage(e.getMessage());
      if (stage != null) {
        depth.at(stage);
      }
      checkMessage(e.getMessage(), input.named, where);
    } catch (Exception | Error e) {
      fail(where, e.getClass().getName() + at(e), "ended in " + e + at(e));
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    if (allocated > FIXED_ALLOCATION + ALLOCATION_PER_BYTE * input.bytes) {
      fail(
          where,
          "allocated at " + depth.stage,
          allocated + " bytes allocated for " + input.bytes + " at stage " + depth.stage);
    }
    if (!histogram.containsKey(depth.stage)) {
      fail(where, "stage", "unknown stage " + depth.stage);
    }
    histogram.merge(depth.stage, 1, Integer::sum);
  }

  private void checkMessage(String message, String named, String where) {
    String problem =
        message.lines().count() != 1
            ? "more than one line"
            : !message.contains(named)
                ? "does not name " + named
                : message.endsWith(": null")
                        || message.contains("Exception")
                        || message.length() > LONGEST_MESSAGE
                    ? "unclear or too long"
                    : null;
    if (problem != null) {
      fail(where, problem, problem + ": " + message);
    }
  }

  /** One failure of each kind is enough. */
  private void fail(String where, String kind, String what) {
    String shown = what.length() > LONGEST_SHOWN ? what.substring(0, LONGEST_SHOWN) + "..." : what;
    failures.putIfAbsent(kind, where + ": " + shown);
  }

  private static String at(Throwable e) {
    return Arrays.stream(e.getStackTrace())
        .filter(frame -> frame.getClassName().startsWith("dev.burhan"))
        .limit(4)
        .map(frame -> "\n    at " + frame)
        .collect(Collectors.joining());
  }

  private String where(long seed) {
    return format + ", seed " + seed + " (-Dburhan.fuzz=1 -Dburhan.fuzz.seed=" + seed + ")";
  }

  /** Fails where one input takes too long; its thread is left behind. */
  private void watch(Thread worker) throws InterruptedException {
    long watched = seed;
    long cpu = cpu(worker);
    long clock = System.nanoTime();
    while (!worker.join(java.time.Duration.ofMillis(LOOK_MILLIS))) {
      if (seed != watched) {
        watched = seed;
        cpu = cpu(worker);
        clock = System.nanoTime();
      } else if (cpu(worker) - cpu > LONGEST_CPU || System.nanoTime() - clock > LONGEST_WAIT) {
        var hang = new AssertionError(where(watched) + " does not end");
        hang.setStackTrace(worker.getStackTrace());
        throw hang;
      }
    }
  }

  private long cpu(Thread worker) {
    return Math.max(0, threads.getThreadCpuTime(worker.threadId())); // -1 once it has ended
  }

  private void report(long first) {
    int all = histogram.values().stream().mapToInt(Integer::intValue).sum();
    boolean past = false;
    int reached = 0;
    var line = new StringBuilder("fuzz " + format + ": " + all + " inputs from seed " + first);
    line.append(", by where they ended: ");
    String separator = "";
    for (Map.Entry<String, Integer> stage : histogram.entrySet()) {
      past |= stage.getKey().equals(firstPast);
      reached += past ? stage.getValue() : 0;
      line.append(separator).append(stage.getKey()).append(' ').append(stage.getValue());
      separator = ", ";
    }
    line.append("; past the header ").append(100L * reached / Math.max(1, all)).append(" %");
    System.out.println(line);
    assertTrue(failures.isEmpty(), () -> String.join("\n", failures.values()));
    if (all >= 100) { // repeating one seed says nothing about shares
      assertTrue(2 * reached >= all, line::toString);
    }
  }
}
