package dev.burhan.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/**
 * Runs one command in Felix: installs {@code system/} (the OSGi services) and {@code bundle/}
 * (Burhan and its libraries), starts them, calls the command line's service, stops. What lies in
 * {@code on-demand/} is installed only: the command that needs it starts it.
 */
final class FelixRun {
  /**
   * What the cli bundle registers: a function from the arguments to the exit code. The launcher can
   * name no type of Burhan's.
   */
  static final String CLI_FILTER = "(burhan.cli=main)";

  private static final String ON_DEMAND = "on-demand";
  private static final String OURS = "dev.burhan.";
  private static final long STOP_MILLIS = 10_000;

  private final Path home;
  private final ProcessEnd end;

  FelixRun(Path home, ProcessEnd end) {
    this.home = home;
    this.end = end;
  }

  int run(String[] args) {
    // SPI-Fly tells each provider that it finds through java.util.logging, at INFO.
    Logger.getLogger("").setLevel(Level.WARNING);
    try (var cache = BundleCache.open()) {
      Framework framework = framework(cache.folder());
      try {
        framework.init();
        framework
            .getBundleContext()
            .registerService(
                Consumer.class,
                end,
                FrameworkUtil.asDictionary(Map.of(ProcessEnd.PROPERTY, ProcessEnd.END)));
        start(framework);
        return cli(framework.getBundleContext()).applyAsInt(args);
      } catch (BundleException e) {
        throw new LaunchException("Felix does not start: " + e.getMessage(), e);
      } finally {
        stop(framework);
      }
    }
  }

  private Framework framework(Path cache) {
    Map<String, String> properties = new HashMap<>();
    System.getProperties().stringPropertyNames().stream()
        .filter(
            name ->
                name.startsWith("felix.") || name.startsWith("org.osgi.") || name.startsWith("ds."))
        .forEach(name -> properties.put(name, System.getProperty(name)));
    properties.put(Constants.FRAMEWORK_STORAGE, cache.toString());
    properties.putIfAbsent("felix.log.level", "1");
    // A class that no bundle imports is an error here and must not be found on the launcher's class
    // path.
    properties.putIfAbsent("felix.bootdelegation.implicit", "false");
    // What the JVM writes into classes of flight recorder events names these.
    properties.putIfAbsent(Constants.FRAMEWORK_BOOTDELEGATION, "jdk.jfr.internal.*");
    return ServiceLoader.load(FrameworkFactory.class)
        .findFirst()
        .orElseThrow(() -> new LaunchException("no OSGi framework in " + home.resolve("lib")))
        .newFramework(properties);
  }

  private void start(Framework framework) throws BundleException {
    BundleContext context = framework.getBundleContext();
    var bundles = new ArrayList<Bundle>();
    for (String folder : List.of("system", "bundle")) {
      bundles.addAll(install(folder, context));
    }
    if (Files.isDirectory(home.resolve(ON_DEMAND))) {
      install(ON_DEMAND, context);
    }
    // Libraries first: whoever logs while it starts finds the logger there.
    bundles.sort(Comparator.comparing(FelixRun::isOurs));
    framework.start();
    var failures = new HashMap<Bundle, String>();
    for (Bundle bundle : bundles) {
      if (!isFragment(bundle)) {
        try {
          bundle.start();
        } catch (BundleException e) {
          failures.put(bundle, e.getMessage());
        }
      }
    }
    requireActive(bundles, failures);
  }

  private List<Bundle> install(String folder, BundleContext context) throws BundleException {
    var bundles = new ArrayList<Bundle>();
    for (Path jar : jars(home.resolve(folder))) {
      // By reference: the jar is read where it lies, not copied.
      bundles.add(context.installBundle("reference:" + jar.toUri()));
    }
    return bundles;
  }

  /**
   * Every bundle of Burhan's must work; a library that does not is told too, since it is mostly the
   * cause.
   */
  private static void requireActive(List<Bundle> bundles, Map<Bundle, String> failures) {
    List<Bundle> idle =
        bundles.stream().filter(b -> !isFragment(b) && b.getState() != Bundle.ACTIVE).toList();
    if (idle.isEmpty()) {
      return;
    }
    String report =
        idle.stream()
            .map(b -> "  " + b.getSymbolicName() + ": " + failures.getOrDefault(b, "is not active"))
            .collect(Collectors.joining("\n"));
    if (idle.stream().anyMatch(FelixRun::isOurs)) {
      throw new LaunchException("these bundles do not start:\n" + report);
    }
    System.err.println("burhan: warning: these libraries do not start:\n" + report);
  }

  @SuppressWarnings("unchecked")
  private static ToIntFunction<String[]> cli(BundleContext context) {
    try {
      ServiceReference<?>[] found =
          context.getServiceReferences(ToIntFunction.class.getName(), CLI_FILTER);
      if (found != null && context.getService(found[0]) instanceof ToIntFunction<?> cli) {
        return (ToIntFunction<String[]>) cli;
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
    throw new LaunchException(
        "no bundle offers the command line: the component of dev.burhan.cli or one that it needs (a Host, from"
            + " dev.burhan.kernel) is not satisfied");
  }

  private static void stop(Framework framework) {
    try {
      framework.stop();
      framework.waitForStop(STOP_MILLIS);
    } catch (BundleException e) {
      System.err.println("burhan: warning: Felix does not stop: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isOurs(Bundle bundle) {
    return bundle.getSymbolicName().startsWith(OURS);
  }

  private static boolean isFragment(Bundle bundle) {
    return bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
  }

  private static List<Path> jars(Path folder) {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new LaunchException("cannot list the bundles in " + folder + ": " + e.getMessage(), e);
    }
  }
}
