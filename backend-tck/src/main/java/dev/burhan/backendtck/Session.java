package dev.burhan.backendtck;

import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.kernel.registry.FlatHost;
import dev.burhan.provider.Provider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the checks of one backend share. */
final class Session {
  private final Provider provider;
  private final TckOptions options;
  private final List<HostKernelsProvider> companions;
  private final List<OpRow> rows = new ArrayList<>();
  private List<Subject> modes;
  private boolean repeats = true;

  Session(Provider provider, TckOptions options) {
    this.provider = provider;
    this.options = options;
    this.companions = companions(provider, options);
  }

  private static List<HostKernelsProvider> companions(Provider provider, TckOptions options) {
    if (!(provider instanceof HostKernelsProvider kernels) || !kernels.partial()) {
      return List.of();
    }
    if (!options.companions().isEmpty()) {
      return options.companions();
    }
    List<HostKernelsProvider> found =
        new FlatHost()
            .providers(HostKernelsProvider.class).stream()
                .filter(other -> other.selectable() && !other.partial())
                .filter(other -> !other.name().equals(provider.name()) && other.probe().usable())
                .toList();
    return found.isEmpty() ? List.of(new OracleProvider()) : found;
  }

  Provider provider() {
    return provider;
  }

  TckOptions options() {
    return options;
  }

  List<HostKernelsProvider> companions() {
    return companions;
  }

  /** The modes in which it is checked, the strict one first. */
  List<Subject> modes() {
    if (modes == null) {
      modes = Subject.modes(provider, companions, options.options());
    }
    return modes;
  }

  Subject strict() {
    return modes().getFirst();
  }

  Subject oracle() {
    return new Subject(new OracleProvider(), List.of(), "f32", Map.of(), false);
  }

  void row(OpRow row) {
    rows.add(row);
  }

  List<OpRow> rows() {
    return List.copyOf(rows);
  }

  /** Told that bits differ over repeats: what presumes that they don't can't be judged then. */
  void doesNotRepeat() {
    repeats = false;
  }

  boolean repeats() {
    return repeats;
  }
}
