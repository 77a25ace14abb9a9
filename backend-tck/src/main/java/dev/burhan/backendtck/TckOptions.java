package dev.burhan.backendtck;

import dev.burhan.backend.HostKernelsProvider;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is checked and how.
 *
 * @param categories what is checked
 * @param options that the backend is opened with; {@code activations} and {@code mla} are set by
 *     the suite where the backend has them
 * @param goldens the folder of reference outputs; empty for the system property {@code
 *     burhan.golden} or the environment's {@code BURHAN_GOLDEN}
 * @param companions libraries beside one that has a part of the ops only; empty for the usable ones
 *     on the class path, or the oracle
 * @param ops names of ops, if only some are to be checked one by one; empty for all
 * @param speed whether speeds are measured for the report; they are never judged
 */
public record TckOptions(
    Set<Category> categories,
    Map<String, String> options,
    Optional<Path> goldens,
    List<HostKernelsProvider> companions,
    Set<String> ops,
    boolean speed) {

  public TckOptions {
    categories = Set.copyOf(categories);
    options = Map.copyOf(options);
    companions = List.copyOf(companions);
    ops = Set.copyOf(ops);
  }

  /** All categories; speeds if the system property {@code burhan.tck.speed} is true. */
  public static TckOptions standard() {
    return new TckOptions(
        EnumSet.allOf(Category.class),
        Map.of(),
        Optional.empty(),
        List.of(),
        Set.of(),
        Boolean.getBoolean("burhan.tck.speed"));
  }

  public TckOptions withCategories(Set<Category> some) {
    return new TckOptions(some, options, goldens, companions, ops, speed);
  }

  public TckOptions withOption(String name, String value) {
    Map<String, String> all = new HashMap<>(options);
    all.put(name, value);
    return new TckOptions(categories, all, goldens, companions, ops, speed);
  }

  public TckOptions withGoldens(Path folder) {
    return new TckOptions(categories, options, Optional.of(folder), companions, ops, speed);
  }

  public TckOptions withCompanions(List<HostKernelsProvider> libraries) {
    return new TckOptions(categories, options, goldens, libraries, ops, speed);
  }

  public TckOptions withOps(Set<String> names) {
    return new TckOptions(categories, options, goldens, companions, names, speed);
  }

  public TckOptions withSpeed(boolean measured) {
    return new TckOptions(categories, options, goldens, companions, ops, measured);
  }
}
