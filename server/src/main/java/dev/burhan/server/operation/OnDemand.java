package dev.burhan.server.operation;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import java.util.Arrays;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;

/** Bundles that the installation has in {@code on-demand/}: installed, and started by need. */
public final class OnDemand {
  private OnDemand() {}

  /**
   * This bundle's context.
   *
   * @throws UsageException on a flat class path
   */
  public static BundleContext context() {
    Bundle own = FrameworkUtil.getBundle(OnDemand.class);
    if (own == null) {
      throw new UsageException("serve runs in the OSGi framework only: add --osgi");
    }
    return own.getBundleContext();
  }

  /**
   * The bundle of this name, whatever its state.
   *
   * @throws BurhanException if the framework has none
   */
  public static Bundle find(BundleContext context, String symbolicName) {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
        .findFirst()
        .orElseThrow(
            () ->
                new BurhanException(
                    "the framework has no bundle "
                        + symbolicName
                        + "; the installation's folder on-demand/ should hold it"));
  }

  /**
   * Starts it for this run only.
   *
   * @param what it is for, in words for people
   */
  public static void start(Bundle bundle, String what) {
    try {
      bundle.start(Bundle.START_TRANSIENT);
    } catch (BundleException e) {
      throw new BurhanException(what + " does not start: " + e.getMessage(), e);
    }
  }

  /** Stops it; to stop it twice is no error. */
  public static void stop(Bundle bundle, String what) {
    try {
      bundle.stop(Bundle.STOP_TRANSIENT);
    } catch (BundleException | IllegalStateException e) {
      throw new BurhanException(what + " does not stop: " + e.getMessage(), e);
    }
  }
}
