package dev.burhan.backendtck;

import dev.burhan.backend.Backend;
import dev.burhan.backend.BackendProvider;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.kernel.executor.HostBackend;
import dev.burhan.kernel.executor.NamedKernels;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A backend under test, in one of its modes.
 *
 * @param provider offers it
 * @param companions libraries beside it, if it has a part of the ops only
 * @param mode the mode's name, for people
 * @param options that it is opened with
 * @param eightBits whether activations may be rounded to 8 bits where weights are quantised
 */
record Subject(
    Provider provider,
    List<HostKernelsProvider> companions,
    String mode,
    Map<String, String> options,
    boolean eightBits) {

  static final String MLA = "mla";

  /** The strict mode and, where the backend has it, the one with activations of 8 bits. */
  static List<Subject> modes(
      Provider provider, List<HostKernelsProvider> companions, Map<String, String> options) {
    List<Subject> modes = new ArrayList<>();
    for (String activations : List.of("f32", "q8")) {
      Map<String, String> all = new HashMap<>(options);
      all.put(HostKernelsProvider.ACTIVATIONS, activations);
      Subject mode = new Subject(provider, companions, activations, all, activations.equals("q8"));
      if (mode.opens()) {
        modes.add(mode);
      }
    }
    if (modes.isEmpty()) {
      modes.add(new Subject(provider, companions, "default", options, false));
    }
    return modes;
  }

  /** The same with one option more. */
  Subject with(String option, String value) {
    Map<String, String> all = new HashMap<>(options);
    all.put(option, value);
    return new Subject(provider, companions, mode, all, eightBits);
  }

  /** Whether it knows its options. */
  boolean opens() {
    CountedMemory memory = new CountedMemory();
    try {
      open(memory).close();
      return true;
    } catch (UsageException e) {
      return false;
    }
  }

  String name() {
    return provider.name();
  }

  /** Opens it; the caller closes the backend. */
  Backend open(CountedMemory memory) {
    return switch (provider) {
      case BackendProvider whole -> whole.open(options, new TckHost(memory));
      case HostKernelsProvider kernels -> {
        List<HostKernelsProvider> libraries = new ArrayList<>(List.of(kernels));
        libraries.addAll(companions);
        yield new HostBackend(open(libraries), memory);
      }
      default ->
          throw new BurhanException(
              "provider '"
                  + provider.name()
                  + "' is no backend: expected a BackendProvider or a HostKernelsProvider, found "
                  + provider.getClass().getName());
    };
  }

  private List<NamedKernels> open(List<HostKernelsProvider> providers) {
    List<NamedKernels> libraries = new ArrayList<>();
    try {
      for (HostKernelsProvider library : providers) {
        libraries.add(new NamedKernels(library.name(), library.open(known(library))));
      }
    } catch (RuntimeException | Error e) {
      libraries.forEach(library -> library.kernels().close());
      throw e;
    }
    return libraries;
  }

  /** A companion need not know what the library under test does. */
  private Map<String, String> known(HostKernelsProvider library) {
    if (library == provider) {
      return options;
    }
    Map<String, String> some = new HashMap<>();
    options.forEach(
        (name, value) -> {
          if (name.equals(MLA) || name.equals(HostKernelsProvider.ACTIVATIONS)) {
            some.put(name, value);
          }
        });
    return some;
  }
}
