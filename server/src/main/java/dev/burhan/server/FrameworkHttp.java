package dev.burhan.server;

import dev.burhan.provider.BurhanException;
import dev.burhan.server.operation.OnDemand;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Collection;
import java.util.Map;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;

/**
 * The framework's HTTP service for one run of {@code serve}: Felix's Jetty bundle is started, told
 * where to listen, and the {@link Serving} is registered, which brings the servlets up on the
 * whiteboard.
 *
 * <p>Jetty's bundle reads framework or system properties as long as no configuration comes from
 * ConfigAdmin. What a command line says does not belong into ConfigAdmin, which would keep it.
 */
final class FrameworkHttp implements AutoCloseable {
  private static final String JETTY = "org.apache.felix.http.jetty12";
  private static final String WHAT = "the HTTP service";
  private static final String RUNTIME = "org.osgi.service.servlet.runtime.HttpServiceRuntime";
  private static final String HOST = "org.apache.felix.http.host";
  private static final String PORT = "org.osgi.service.http.port";

  /**
   * What else differs from Felix's defaults. Virtual threads: a request that waits costs nothing.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "org.apache.felix.http.jetty.virtualthreads.enable", "true",
          "org.apache.felix.jetty.gziphandler.enable", "false"); // it would hold events back

  /** The launcher's service that tells of signals; its type is the JDK's. */
  private static final String END_FILTER = "(burhan.launcher=end)";

  private final BundleContext context;
  private final Bundle jetty;
  private final String url;
  private final ServiceRegistration<Serving> registration;
  private final SynchronousBundleListener listener;

  private FrameworkHttp(
      BundleContext context, Bundle jetty, String url, Serving serving, StopSignal stop) {
    this.context = context;
    this.jetty = jetty;
    this.url = url;
    this.registration = context.registerService(Serving.class, serving, null);
    this.listener = event -> stopWithBundle(event, stop);
    context.addBundleListener(listener);
    onSignal(stop);
  }

  /**
   * Starts it.
   *
   * @param port 0 for any that is free
   * @throws BurhanException if the address or port can't be used, and why
   */
  static FrameworkHttp start(InetAddress address, int port, Serving serving, StopSignal stop) {
    BundleContext context = OnDemand.context();
    Bundle jetty = jetty(context);
    int free = free(address, port);
    System.setProperty(HOST, address.getHostAddress());
    System.setProperty(PORT, Integer.toString(free));
    SETTINGS.forEach((name, value) -> System.getProperties().putIfAbsent(name, value));
    OnDemand.start(jetty, WHAT);
    if (!listens(context)) {
      stop(jetty);
      throw taken(address, free, "it was free a moment ago");
    }
    String host = address.getHostAddress();
    String url =
        "http://" + (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + free;
    return new FrameworkHttp(context, jetty, url, serving, stop);
  }

  private static Bundle jetty(BundleContext context) {
    Bundle jetty = OnDemand.find(context, JETTY);
    if (jetty.getState() == Bundle.ACTIVE) {
      throw new BurhanException("this framework serves already; burhan load adds a model to it");
    }
    return jetty;
  }

  /** Finds out before Jetty does: it would log a stack trace and go on without. */
  private static int free(InetAddress address, int port) {
    try (var socket = new ServerSocket(port, 1, address)) {
      return socket.getLocalPort();
    } catch (BindException e) {
      throw taken(address, port, e.getMessage());
    } catch (IOException e) {
      throw new BurhanException("cannot listen on " + address.getHostAddress() + ": " + e, e);
    }
  }

  private static BurhanException taken(InetAddress address, int port, String why) {
    return new BurhanException(
        "cannot listen on port %d of %s (%s); --port PORT names another, --port 0 takes any free one"
            .formatted(port, address.getHostAddress(), why));
  }

  private static boolean listens(BundleContext context) {
    ServiceReference<?> runtime = context.getServiceReference(RUNTIME);
    return runtime != null
        && runtime.getProperty("osgi.http.endpoint") instanceof String[] endpoints
        && endpoints.length > 0;
  }

  private void stopWithBundle(BundleEvent event, StopSignal stop) {
    if (event.getType() == BundleEvent.STOPPING && event.getBundle() == context.getBundle()) {
      stop.stop();
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private void onSignal(StopSignal stop) {
    try {
      Collection<ServiceReference<Consumer>> found =
          context.getServiceReferences(Consumer.class, END_FILTER);
      found.forEach(reference -> context.getService(reference).accept(stop));
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  String url() {
    return url;
  }

  @Override
  public void close() {
    try {
      context.removeBundleListener(listener);
      registration.unregister();
    } catch (IllegalStateException e) {
      // The bundle was stopped, which did the same.
    }
    stop(jetty);
  }

  private static void stop(Bundle jetty) {
    try {
      OnDemand.stop(jetty, WHAT);
    } finally {
      System.clearProperty(HOST);
      System.clearProperty(PORT);
    }
  }
}
