package dev.burhan.server.operation;

import dev.burhan.provider.BurhanException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes jars of the deploy folder live, and those that vanish not: FileInstall sees that one came,
 * changed or went, this class looks at whose it is and has the framework do it. What goes wrong is
 * logged with its remedy, and tried again when the file changes.
 */
final class DeployedJars implements ArtifactInstaller {
  private static final Logger LOG = LoggerFactory.getLogger(DeployedJars.class);

  private final BundleContext framework;
  private final Path folder;
  private final FolderTrust trust;
  private final Set<Bundle> own = new CopyOnWriteArraySet<>();

  /**
   * Jars of a folder.
   *
   * @param framework the system bundle's context: what it installs outlives this bundle's update
   */
  DeployedJars(BundleContext framework, Path folder, FolderTrust trust) {
    this.framework = framework;
    this.folder = folder;
    this.trust = trust;
  }

  /** Every jar, also one in a folder that none is taken from: nobody else shall. */
  @Override
  public boolean canHandle(File artifact) {
    return artifact.getName().endsWith(".jar");
  }

  private static String location(File jar) {
    return "deploy:" + jar.getName();
  }

  @Override
  public void install(File artifact) {
    attempt(artifact, () -> put(artifact));
  }

  @Override
  public void update(File artifact) {
    attempt(artifact, () -> put(artifact));
  }

  @Override
  public void uninstall(File artifact) {
    attempt(artifact, () -> remove(artifact));
  }

  /** Work on a jar that may fail. */
  private interface Work {
    void run() throws IOException, BundleException;
  }

  private void attempt(File jar, Work work) {
    try {
      work.run();
    } catch (BurhanException e) {
      LOG.error("{} is not taken: {}", jar.getName(), e.getMessage());
    } catch (IOException | BundleException | RuntimeException e) {
      LOG.error("{} is not taken: {}", jar.getName(), e.getMessage(), e);
    }
  }

  private void put(File artifact) throws IOException, BundleException {
    Path jar = artifact.toPath().toRealPath(java.nio.file.LinkOption.NOFOLLOW_LINKS);
    if (!jar.getParent().equals(folder)) {
      throw new BurhanException("bundles are taken from " + folder + " only");
    }
    trust.checkFolder(folder);
    trust.checkFile(jar);
    Bundle known = framework.getBundle(location(artifact));
    Bundle bundle;
    try (InputStream content = Files.newInputStream(jar, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      if (known == null) {
        bundle = framework.installBundle(location(artifact), content);
      } else {
        bundle = known;
        known.update(content);
        refresh(known);
      }
    }
    own.add(bundle);
    startAll();
    LOG.info(
        "{} is {}: {} {}",
        artifact.getName(),
        known == null ? "live" : "updated",
        bundle.getSymbolicName(),
        bundle.getVersion());
  }

  private void remove(File artifact) throws BundleException {
    Bundle bundle = framework.getBundle(location(artifact));
    if (bundle != null) {
      own.remove(bundle);
      bundle.uninstall();
      refresh(bundle);
      LOG.info("{} is gone", artifact.getName());
    }
  }

  /** Lets go of the classes that it had before. */
  private void refresh(Bundle bundle) {
    framework
        .getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
        .adapt(FrameworkWiring.class)
        .refreshBundles(List.of(bundle));
  }

  /** Also those that lacked what has come with another. */
  private void startAll() throws BundleException {
    BundleException failure = null;
    for (Bundle bundle : own) {
      boolean fragment = bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
      if (!fragment && bundle.getState() != Bundle.ACTIVE) {
        try {
          bundle.start(Bundle.START_TRANSIENT);
        } catch (BundleException e) {
          failure = e;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
