package dev.burhan.server.operation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * Felix's Gogo shell on this process's standard input and output: lists, stops, starts and updates
 * bundles, and has every command of Burhan's as {@code burhan:NAME}. The end of the input ends the
 * shell and not the server.
 */
public final class OperatorShell implements AutoCloseable {
  private static final String WHAT = "the shell";
  private static final List<String> BUNDLES =
      List.of(
          "org.apache.felix.gogo.runtime",
          "org.apache.felix.gogo.command",
          "org.apache.felix.gogo.shell");

  private final SetProperties properties;
  private final List<Bundle> started = new ArrayList<>();

  private OperatorShell(SetProperties properties) {
    this.properties = properties;
  }

  /**
   * Starts it.
   *
   * @param context of the bundle that asks
   * @throws dev.burhan.provider.BurhanException if the installation lacks it
   */
  public static OperatorShell start(BundleContext context) {
    List<Bundle> bundles = BUNDLES.stream().map(name -> OnDemand.find(context, name)).toList();
    OperatorShell shell =
        new OperatorShell(
            new SetProperties(
                Map.of(
                    "gosh.args",
                    "--noshutdown",
                    "gosh.home", // else a profile in the current folder would be run
                    System.getProperty("burhan.home", ""))));
    try {
      for (Bundle bundle : bundles) {
        OnDemand.start(bundle, WHAT);
        shell.started.addFirst(bundle);
      }
      return shell;
    } catch (RuntimeException | Error e) {
      shell.close();
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      started.forEach(bundle -> OnDemand.stop(bundle, WHAT));
    } finally {
      properties.close();
    }
  }
}
