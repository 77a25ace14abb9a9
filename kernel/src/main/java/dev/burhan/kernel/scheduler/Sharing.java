package dev.burhan.kernel.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who shares pages of prompts that begin alike.
 *
 * @param who everybody, nobody, or those of one tenant
 * @param identity names of what a page's bits depend on: model, numerics, types of the caches
 */
public record Sharing(Who who, List<String> identity) {

  /** Who shares. */
  public enum Who {
    NOBODY,
    EVERYBODY,
    TENANT
  }

  public static final Sharing NONE = new Sharing(Who.NOBODY, List.of());

  public Sharing {
    identity = List.copyOf(identity);
  }

  /** The keys of a tenant's pages; empty if they are not shared. */
  Optional<PrefixKeys> keys(String tenant) {
    if (who == Who.NOBODY) {
      return Optional.empty();
    }
    List<String> parts = new ArrayList<>(identity);
    parts.add(who == Who.TENANT ? "tenant " + tenant : "everybody");
    return Optional.of(new PrefixKeys(parts));
  }
}
