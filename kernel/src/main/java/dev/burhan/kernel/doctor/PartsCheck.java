package dev.burhan.kernel.doctor;

import dev.burhan.checkpoint.CheckpointFormat;
import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.kernel.config.ConfigCommand;
import dev.burhan.kernel.config.Definition;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.registry.ProviderRegistry;
import dev.burhan.kernel.report.Amount;
import dev.burhan.model.ModelArchitecture;
import dev.burhan.provider.Host;
import dev.burhan.provider.Probe;
import dev.burhan.provider.Provider;
import dev.burhan.text.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Burhan's own parts: backends, formats, families, catalogue, cache, configuration. */
final class PartsCheck {
  private static final long LITTLE_DISK = 1L << 30;

  private final Host host;

  PartsCheck(Host host) {
    this.host = host;
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>(backends());
    findings.add(kind("checkpoint formats", CheckpointFormat.class, "checkpoint"));
    findings.add(kind("tokenizers", TextFormat.class, "text"));
    findings.add(kind("model families", ModelArchitecture.class, "model-distill"));
    host.providers(ModelCatalog.class).forEach(catalog -> findings.addAll(catalogue(catalog)));
    ConfigCommand.definitions(host).forEach(definition -> configuration(definition, findings));
    return findings;
  }

  private List<Finding> backends() {
    BackendSelection selection = new BackendSelection(host);
    Optional<Provider> best = selection.best();
    List<Finding> findings = new ArrayList<>();
    for (Provider provider : selection.candidates()) {
      Probe probe = ProviderRegistry.probe(provider);
      String state = probe.usable() ? "usable" : "can't be used";
      if (best.isPresent() && best.get() == provider) {
        state = "chosen by itself";
      } else if (probe.usable() && !BackendSelection.selectable(provider)) {
        state = "usable when named";
      }
      findings.add(
          Finding.ok(
              "backend " + provider.name(),
              state + (probe.detail().isEmpty() ? "" : ": " + probe.detail())));
    }
    if (best.isEmpty()) {
      findings.add(
          Finding.failure(
              "backends",
              "none can be chosen",
              "see the reasons above; is the bundle backend-vector installed?"));
    }
    return findings;
  }

  private Finding kind(String topic, Class<? extends Provider> type, String bundle) {
    List<String> usable =
        host.providers(type).stream()
            .filter(provider -> ProviderRegistry.probe(provider).usable())
            .map(Provider::name)
            .toList();
    return usable.isEmpty()
        ? Finding.failure(topic, "none", "install the bundle " + bundle)
        : Finding.ok(topic, String.join(", ", usable));
  }

  private List<Finding> catalogue(ModelCatalog catalog) {
    List<Finding> findings = new ArrayList<>();
    try {
      catalog.folder().ifPresent(folder -> findings.add(cache(folder)));
      for (ModelCatalog.Entry entry : catalog.entries()) {
        String there =
            catalog
                .cached(entry.name())
                .map(file -> "present: " + file)
                .orElse("not fetched yet, " + Amount.bytes(entry.bytes()));
        findings.add(Finding.ok("model " + entry.name(), there));
      }
    } catch (RuntimeException e) {
      findings.add(
          Finding.failure("catalogue", e.getMessage(), "correct what 'burhan config' shows"));
    }
    return findings;
  }

  private static Finding cache(Path folder) {
    Path there = folder.toAbsolutePath();
    while (there != null && !Files.exists(there)) {
      there = there.getParent();
    }
    try {
      if (there == null || !Files.isWritable(there)) {
        return Finding.warning(
            "cache",
            folder + " can't be written",
            "set BURHAN_CACHE to a folder that can; models that are there already still run");
      }
      long free = Files.getFileStore(there).getUsableSpace();
      String text =
          folder + ": " + Amount.bytes(size(folder)) + " used, " + Amount.bytes(free) + " free";
      return free < LITTLE_DISK
          ? Finding.warning("cache", text, "free some, or set BURHAN_CACHE to another disk")
          : Finding.ok("cache", text);
    } catch (IOException e) {
      return Finding.warning(
          "cache", folder + " can't be read: " + e, "set BURHAN_CACHE to a folder that can");
    }
  }

  private static long size(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.mapToLong(PartsCheck::fileSize).sum();
    } catch (java.io.UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static long fileSize(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0; // it went meanwhile
    }
  }

  private void configuration(Definition definition, List<Finding> findings) {
    try {
      for (Definition.Value value : definition.values(host.settings())) {
        if (!value.origin().equals("default")) {
          findings.add(
              Finding.ok("setting " + value.key(), value.value() + " (" + value.origin() + ")"));
        }
      }
      definition.check(host.settings());
      for (String key : definition.unknown(host.settings())) {
        findings.add(
            Finding.warning(
                "setting " + key,
                "unknown key in conf/" + definition.pid() + ".cfg",
                "'burhan config' lists the known ones"));
      }
    } catch (RuntimeException e) {
      findings.add(Finding.failure("configuration", e.getMessage(), "correct the value"));
    }
  }
}
