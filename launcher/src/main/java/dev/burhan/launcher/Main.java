package dev.burhan.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Entry point of the start script.
 *
 * <p>{@code --osgi} anywhere before {@code --} runs the command in Felix; everything else is the
 * command's. The script puts the bundles on the class path for a flat start and leaves them off for
 * Felix, where a class of theirs on the class path could be found instead of the bundle's.
 */
public final class Main {
  private static final int FAILED = 1;

  private Main() {}

  public static void main(String[] args) {
    var end = new ProcessEnd();
    end.exit(run(args, end));
  }

  private static int run(String[] args, ProcessEnd end) {
    try {
      checkJava();
      Path home = home();
      SystemProperties.load(home.resolve("conf/system.properties"));
      var command = new ArrayList<>(List.of(args));
      return takeOsgi(command)
          ? new FelixRun(home, end).run(command.toArray(String[]::new))
          : FlatRun.run(command.toArray(String[]::new));
    } catch (LaunchException e) {
      System.err.println("burhan: " + e.getMessage());
      return FAILED;
    }
  }

  private static void checkJava() {
    int feature = Runtime.version().feature();
    if (feature < 25) {
      throw new LaunchException(
          "Java 25 or newer is needed, this is %d (%s); start with the script, which finds one"
              .formatted(feature, System.getProperty("java.home")));
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      throw new LaunchException(
          "the JVM flag --add-modules jdk.incubator.vector is missing; start with the script, or with java @lib/jvm.flags");
    }
  }

  /** The installation's folder: the parent of the folder that this jar lies in. */
  private static Path home() {
    String given = System.getProperty("burhan.home");
    Path home = given != null ? Path.of(given) : jar().getParent().getParent();
    if (!Files.isDirectory(home.resolve("bundle"))) {
      throw new LaunchException(
          "expected an installation with a folder 'bundle', found none in "
              + home
              + "; -Dburhan.home=FOLDER names another");
    }
    return home.toAbsolutePath().normalize();
  }

  private static Path jar() {
    try {
      return Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (java.net.URISyntaxException e) {
      throw new LaunchException(
          "cannot tell where the launcher lies; -Dburhan.home=FOLDER says it", e);
    }
  }

  private static boolean takeOsgi(List<String> command) {
    int end = command.indexOf("--");
    return command.subList(0, end < 0 ? command.size() : end).removeIf("--osgi"::equals);
  }
}
