package dev.burhan.server.operation;

import dev.burhan.provider.BurhanException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;

/**
 * Folders that are looked at while a server runs, by Felix's FileInstall: the installation's {@code
 * conf/}, whose changes reach ConfigAdmin and so the components, and a deploy folder, whose jars
 * are made live, if the operator names one.
 */
public final class WatchedFolders implements AutoCloseable {
  private static final String FILE_INSTALL = "org.apache.felix.fileinstall";
  private static final String WHAT = "the watch over conf/ and the deploy folder";

  private final Optional<Bundle> fileInstall;
  private final Optional<ServiceRegistration<ArtifactInstaller>> installer;
  private final SetProperties properties;

  private WatchedFolders(
      Optional<Bundle> fileInstall,
      Optional<ServiceRegistration<ArtifactInstaller>> installer,
      SetProperties properties) {
    this.fileInstall = fileInstall;
    this.installer = installer;
    this.properties = properties;
  }

  /**
   * Starts to watch. What lies there by now is live when this returns.
   *
   * @param context of the bundle that asks
   * @param deploy the deploy folder; empty for none
   * @throws BurhanException if others than this process's user may change the deploy folder
   */
  public static WatchedFolders start(BundleContext context, Optional<Path> deploy) {
    Path scratch = scratch(context);
    Optional<FolderTrust> trust = deploy.map(_ -> FolderTrust.ofProcess(scratch));
    Optional<Path> trusted = trust.map(own -> own.checkFolder(deploy.get()));
    List<Path> folders = new ArrayList<>();
    configuration().ifPresent(folders::add);
    trusted.ifPresent(folders::add);
    if (folders.isEmpty()) {
      return new WatchedFolders(Optional.empty(), Optional.empty(), new SetProperties(Map.of()));
    }
    Bundle bundle = OnDemand.find(context, FILE_INSTALL);
    SetProperties set = new SetProperties(settings(folders, trusted.isPresent(), scratch));
    BundleContext framework =
        context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getBundleContext();
    Optional<ServiceRegistration<ArtifactInstaller>> installer =
        trusted.map(
            folder ->
                context.registerService(
                    ArtifactInstaller.class,
                    new DeployedJars(framework, folder, trust.get()),
                    null));
    WatchedFolders watched = new WatchedFolders(Optional.of(bundle), installer, set);
    try {
      OnDemand.start(bundle, WHAT);
      return watched;
    } catch (RuntimeException | Error e) {
      watched.close();
      throw e;
    }
  }

  private static Path scratch(BundleContext context) {
    File folder = context.getDataFile("watched");
    try {
      return Files.createDirectories(folder.toPath());
    } catch (IOException | NullPointerException e) {
      throw new BurhanException("the framework has no place for files: " + e, e);
    }
  }

  private static Optional<Path> configuration() {
    return Optional.ofNullable(System.getProperty("burhan.home"))
        .map(home -> Path.of(home, "conf"))
        .filter(Files::isDirectory);
  }

  private static Map<String, String> settings(List<Path> folders, boolean jars, Path scratch) {
    for (Path folder : folders) {
      if (folder.toString().contains(",")) {
        throw new BurhanException(folder + ": a folder with a comma in its name can't be watched");
      }
    }
    Map<String, String> values = new HashMap<>();
    values.put("dir", folders.stream().map(Path::toString).collect(Collectors.joining(",")));
    values.put("filter", jars ? ".*\\.(cfg|jar)" : ".*\\.cfg");
    values.put("tmpdir", scratch.toString());
    values.put("poll", "500");
    values.put("noInitialDelay", "true");
    values.put("enableConfigSave", "false"); // a file of the operator's is never written to
    values.put("disableNio2", "true"); // changes on network file systems are seen by looking only
    values.put("log.level", "1");
    values.put("log.default", "jul"); // and not standard output
    return values.entrySet().stream()
        .collect(
            Collectors.toMap(entry -> "felix.fileinstall." + entry.getKey(), Map.Entry::getValue));
  }

  @Override
  public void close() {
    try {
      fileInstall.ifPresent(bundle -> OnDemand.stop(bundle, WHAT));
      installer.ifPresent(ServiceRegistration::unregister);
    } catch (IllegalStateException e) {
      // The bundle was stopped, which did the same.
    } finally {
      properties.close();
    }
  }
}
