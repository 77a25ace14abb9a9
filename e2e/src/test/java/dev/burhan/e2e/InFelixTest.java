package dev.burhan.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/**
 * The distribution's bundles, and Gogo, in a Felix inside this JVM. Burhan's types are not on this
 * class path, so that all come from bundles; what they say is asked by reflection.
 */
class InFelixTest {
  private static final String PROVIDER = "dev.burhan.provider.Provider";

  @TempDir static Path temp;

  private static Framework framework;
  private static BundleContext context;

  @BeforeAll
  static void start() throws Exception {
    framework =
        ServiceLoader.load(FrameworkFactory.class)
            .findFirst()
            .orElseThrow()
            .newFramework(
                Map.of(
                    Constants.FRAMEWORK_STORAGE,
                    temp.resolve("cache").toString(),
                    "felix.bootdelegation.implicit",
                    "false",
                    "felix.log.level",
                    "1"));
    framework.init();
    context = framework.getBundleContext();
    var bundles = new ArrayList<Bundle>();
    Path home = Places.distribution();
    for (Path folder :
        List.of(
            home.resolve("system"),
            home.resolve("bundle"),
            Path.of(System.getProperty("burhan.gogo")))) {
      for (Path jar : Places.jars(folder)) {
        bundles.add(context.installBundle("reference:" + jar.toUri()));
      }
    }
    framework.start();
    for (Bundle bundle : bundles) {
      if (!isFragment(bundle)) {
        bundle.start();
      }
    }
  }

  @AfterAll
  static void stop() throws Exception {
    framework.stop();
    framework.waitForStop(10_000);
  }

  private static boolean isFragment(Bundle bundle) {
    return bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
  }

  private static Stream<ServiceReference<?>> services(String type) throws Exception {
    var found = context.getAllServiceReferences(type, null);
    return found == null ? Stream.empty() : Arrays.stream(found);
  }

  private static Object ask(Object target, String method) throws Exception {
    return target.getClass().getMethod(method).invoke(target);
  }

  private static boolean isA(Object object, String type) {
    for (Class<?> c = object.getClass(); c != null; c = c.getSuperclass()) {
      if (Stream.of(c.getInterfaces()).anyMatch(i -> extendsType(i, type))) {
        return true;
      }
    }
    return false;
  }

  private static boolean extendsType(Class<?> type, String name) {
    return type.getName().equals(name)
        || Stream.of(type.getInterfaces()).anyMatch(parent -> extendsType(parent, name));
  }

  @Test
  void everyBundleIsActive() {
    for (Bundle bundle : context.getBundles()) {
      assertEquals(
          isFragment(bundle) ? Bundle.RESOLVED : Bundle.ACTIVE,
          bundle.getState(),
          bundle.toString());
    }
    assertTrue(
        Stream.of(context.getBundles())
                .filter(b -> b.getSymbolicName().startsWith("dev.burhan."))
                .count()
            >= 8);
  }

  @Test
  void everyProvidersClassComesFromTheBundleThatRegisteredIt() throws Exception {
    for (var reference : services(PROVIDER).toList()) {
      Object provider = context.getService(reference);
      Bundle bundle = FrameworkUtil.getBundle(provider.getClass());
      assertNotNull(bundle, provider.getClass() + " comes from no bundle");
      assertSame(reference.getBundle(), bundle);
    }
  }

  @Test
  void vectorKernelsComeFromTheirBundleAndAreUsable() throws Exception {
    var vector = new ArrayList<Object>();
    for (var reference : services(PROVIDER).toList()) {
      Object provider = context.getService(reference);
      if (isA(provider, "dev.burhan.backend.HostKernelsProvider")
          && "vector".equals(ask(provider, "name"))) {
        vector.add(provider);
      }
    }
    assertEquals(1, vector.size());
    Bundle bundle = FrameworkUtil.getBundle(vector.getFirst().getClass());
    assertNotNull(bundle);
    assertEquals("dev.burhan.backend-vector", bundle.getSymbolicName());
    Object probe = ask(vector.getFirst(), "probe");
    assertEquals(true, ask(probe, "usable"), probe.toString());
  }

  /**
   * Both ways of running must offer the same: what is a service here is what ServiceLoader finds in
   * the same jars.
   */
  @Test
  void servicesAreThoseOfTheFlatClassPath() throws Exception {
    var registered = new HashMap<String, String>();
    for (var reference : services(PROVIDER).toList()) {
      registered.put(
          context.getService(reference).getClass().getName(),
          reference.getBundle().getSymbolicName());
    }
    var listed = new HashMap<String, String>();
    for (Bundle bundle : context.getBundles()) {
      var resource = bundle.getEntry("META-INF/services/" + PROVIDER);
      if (resource != null) {
        try (InputStream stream = resource.openStream()) {
          new String(stream.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.replaceFirst("#.*", "").strip())
              .filter(line -> !line.isEmpty())
              .forEach(line -> listed.put(line, bundle.getSymbolicName()));
        }
      }
    }
    assertEquals(listed, registered);
  }

  @Test
  void implementationBundlesExportNothing() {
    for (Bundle bundle : context.getBundles()) {
      String name = bundle.getSymbolicName();
      if (name.startsWith("dev.burhan.") && !name.equals("dev.burhan.kernel-api")) {
        assertEquals(null, bundle.getHeaders("").get(Constants.EXPORT_PACKAGE), name);
      }
    }
  }

  /** The start script reads the list and can't ask the bundles. */
  @Test
  void commandsThatNeedTheFrameworkAreThoseThatTheScriptRunsInIt() throws Exception {
    var needing = new TreeSet<String>();
    for (var reference : services(PROVIDER).toList()) {
      Object provider = context.getService(reference);
      for (var method : provider.getClass().getMethods()) {
        if (method.getName().equals("needsFramework") && (boolean) method.invoke(provider)) {
          needing.add((String) provider.getClass().getMethod("name").invoke(provider));
        }
      }
    }
    assertEquals(
        Files.readAllLines(Places.distribution().resolve("lib/framework-commands")),
        List.copyOf(needing));
  }

  @Test
  void commandsAreGogosToo() throws Exception {
    assertTrue(gogo("burhan:run --help").contains("--max-tokens"));
  }

  @Test
  void everyCommandsHelpHasAnExample() throws Exception {
    int commands = 0;
    for (var reference : services(PROVIDER).toList()) {
      Object provider = context.getService(reference);
      if (isA(provider, "dev.burhan.command.Command")) {
        String name = (String) ask(provider, "name");
        String help = gogo("burhan:" + name + " --help");
        assertTrue(help.matches("(?s).*\nExamples?:\n.*burhan (--osgi )?" + name + "\\b.*"), help);
        commands++;
      }
    }
    assertTrue(commands >= 10, commands + " commands");
  }

  /** With vectorKernelsComeFromTheirBundleAndAreUsable: what answered is a bundle's. */
  @Test
  void realModelAnswersOnTheVectorKernels() throws Exception {
    Path model = Places.requireModel("smollm2/SmolLM2-135M-Instruct-Q4_1.gguf");
    String answer =
        gogo(
            "burhan:run --model '%s' --temperature 0 --max-tokens 24 --json 'What is the capital of France?'"
                .formatted(model));
    assertTrue(answer.contains("Paris"), answer);
    assertTrue(answer.contains("\"backend\":\"vector\""), answer);
  }

  @Test
  void eventAdminTellsOfModels() throws Exception {
    Path model = Places.tinyR1();
    var told = new LinkedBlockingQueue<Object>();
    Class<?> type = eventHandler();
    Object handler =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                method.getName().equals("handleEvent") ? told.add(arguments[0]) : null);
    var registration =
        context.registerService(
            type.getName(),
            handler,
            FrameworkUtil.asDictionary(Map.of("event.topics", "dev/burhan/model/*")));
    try {
      gogo("burhan:run --model '%s' --max-tokens 1 Hello".formatted(model));
      for (String kind : List.of("LOADED", "UNLOADED")) {
        Object event = told.poll(1, TimeUnit.MINUTES);
        assertNotNull(event, kind);
        assertEquals("dev/burhan/model/" + kind, ask(event, "getTopic"));
        var property = event.getClass().getMethod("getProperty", String.class);
        assertEquals(model.toString(), property.invoke(event, "checkpoint"));
        assertEquals(
            kind.equals("LOADED") ? "vector" : null, property.invoke(event, "backend"), kind);
      }
    } finally {
      registration.unregister();
    }
  }

  /** EventAdmin's own, as this class path has none. */
  private static Class<?> eventHandler() throws Exception {
    for (Bundle bundle : context.getBundles()) {
      if (bundle.getSymbolicName().equals("org.apache.felix.eventadmin")) {
        return bundle.loadClass("org.osgi.service.event.EventHandler");
      }
    }
    throw new AssertionError("no EventAdmin");
  }

  /** What the shell shows for a command that succeeds. */
  private static String gogo(String line) throws Exception {
    var reference =
        context.getServiceReference("org.apache.felix.service.command.CommandProcessor");
    Object shell = context.getService(reference);
    var out = new ByteArrayOutputStream();
    Object session =
        shell
            .getClass()
            .getMethod("createSession", InputStream.class, OutputStream.class, OutputStream.class)
            .invoke(shell, InputStream.nullInputStream(), out, out);
    Object code = session.getClass().getMethod("execute", CharSequence.class).invoke(session, line);
    assertEquals(0, code, out::toString);
    return out.toString(StandardCharsets.UTF_8);
  }
}
