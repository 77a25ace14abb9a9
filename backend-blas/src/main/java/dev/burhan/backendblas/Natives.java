package dev.burhan.backendblas;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The native library and those that it needs, unpacked from the jar into a folder of the user's
 * cache, one for each version. A folder that is there under its final name is whole and was loaded
 * once: it is renamed to that only afterwards.
 *
 * @param platform operating system and processor, as JavaCPP's artefacts name them
 * @param version of the artefact: OpenBLAS's, then JavaCPP's
 * @param cache where the folders are
 */
record Natives(String platform, String version, Path cache) {
  private static final String RESOURCES = "/org/bytedeco/openblas/";

  static Natives ofProcess() {
    return new Natives(
        platform(System.getProperty("os.name"), System.getProperty("os.arch")),
        builtWith(),
        cacheOfProcess());
  }

  static String platform(String os, String processor) {
    String name = os.toLowerCase(Locale.ROOT);
    String system =
        name.startsWith("mac") ? "macosx" : name.startsWith("windows") ? "windows" : name;
    return system
        + "-"
        + switch (processor) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64" -> "arm64";
          default -> processor;
        };
  }

  private static String builtWith() {
    Properties properties = new Properties();
    try (InputStream in = Natives.class.getResourceAsStream("natives.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("natives.properties of this jar can't be read", e);
    }
    return properties.getProperty("version");
  }

  /** The folder that the catalogue's downloads are in, unless a file configures that. */
  private static Path cacheOfProcess() {
    Path root =
        Settings.ofProcess()
            .find("dev.burhan.backendblas", "cache", List.of())
            .map(setting -> Path.of(setting.value()).toAbsolutePath())
            .orElseGet(Natives::userCache);
    return root.resolve("native");
  }

  private static Path userCache() {
    String shared = System.getenv("XDG_CACHE_HOME");
    return shared != null && Path.of(shared).isAbsolute()
        ? Path.of(shared, "burhan")
        : Path.of(System.getProperty("user.home"), ".cache", "burhan");
  }

  /** File names of what is loaded: the library itself, then what it needs. */
  private List<String> files() {
    if (platform.startsWith("macosx")) {
      return List.of(
          "libopenblas.0.dylib",
          "libgfortran.5.dylib",
          "libquadmath.0.dylib",
          "libgcc_s.1.1.dylib");
    }
    if (platform.startsWith("windows")) {
      return List.of("libopenblas.dll");
    }
    return List.of("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0", "libgcc_s.so.1");
  }

  /**
   * The library's file, unpacked if it was not yet.
   *
   * @throws BurhanException if there is none for this platform, it can't be written, or it can't be
   *     loaded
   */
  Path unpacked() {
    Path folder = cache.resolve("openblas-" + version + "-" + platform);
    Path library = folder.resolve(files().getFirst());
    if (Files.isRegularFile(library)) {
      return library;
    }
    if (Natives.class.getResource(resource(files().getFirst())) == null) {
      throw new BurhanException(
          "this build of backend-blas has no OpenBLAS for "
              + platform
              + ": build it with -Dopenblas.platform="
              + platform);
    }
    try {
      Files.createDirectories(cache);
      Path fresh = Files.createTempDirectory(cache, "unpacking");
      try {
        for (String file : files()) {
          unpack(file, fresh);
        }
        OpenBlas.load(fresh.resolve(files().getFirst())).close();
        publish(fresh, folder);
      } finally {
        delete(fresh);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new BurhanException(
          "OpenBLAS can't be unpacked into "
              + cache
              + ": "
              + e.getMessage()
              + "; set BURHAN_CACHE to a folder that can be written",
          e);
    }
    return library;
  }

  private String resource(String file) {
    return RESOURCES + platform + "/" + file;
  }

  private void unpack(String file, Path folder) throws IOException {
    try (InputStream in = Natives.class.getResourceAsStream(resource(file))) {
      if (in != null) { // not every platform's needs all of them
        Files.copy(in, folder.resolve(file));
      }
    }
  }

  /** Another process may have been faster; its folder is as good. */
  private static void publish(Path fresh, Path folder) throws IOException {
    try {
      Files.move(fresh, folder);
    } catch (IOException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> files = new ArrayList<>();
    try (Stream<Path> found = Files.walk(folder)) {
      found.sorted(Comparator.reverseOrder()).forEach(files::add);
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
