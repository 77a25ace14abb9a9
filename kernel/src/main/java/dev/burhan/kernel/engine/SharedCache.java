package dev.burhan.kernel.engine;

import dev.burhan.backend.Limits;
import dev.burhan.backend.Plan;
import dev.burhan.backend.Program;
import dev.burhan.engine.LoadRequest;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Op;
import dev.burhan.graph.Plane;
import dev.burhan.kernel.kv.KvNumbers;
import dev.burhan.kernel.machine.MachineMemory;
import dev.burhan.kernel.packed.PackedCheckpoint;
import dev.burhan.kernel.scheduler.PrefixFolder;
import dev.burhan.kernel.scheduler.Sharing;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How requests share the cache of keys and values: {@link LoadRequest#SEQUENCES}, {@link
 * LoadRequest#KV_MEMORY}, {@link LoadRequest#PREFIX_CACHE}.
 */
final class SharedCache {
  private static final int MOST_SEQUENCES = 256;

  /** Of the machine's memory, where nobody says how much the cache may take. */
  private static final int SHARE = 4;

  /** Bytes of pages in a folder. */
  private static final long MOST_KEPT = 1L << 30;

  private SharedCache() {}

  /**
   * Limits for several sequences.
   *
   * @param one for one sequence
   */
  static Limits limits(Map<String, String> options, Limits one, Graph graph) {
    int sequences = sequences(options);
    long pageBytes = Math.max(1, pageBytes(graph, one));
    int least = one.pages(); // one sequence always fits
    long wanted = (long) least * sequences;
    String memory = options.get(LoadRequest.KV_MEMORY);
    long pages;
    if (memory != null) {
      pages = EngineOptions.size(LoadRequest.KV_MEMORY, memory) / pageBytes;
      if (pages < least) {
        throw new UsageException(
            "%s is %s, and one request of %d tokens needs %d MiB; give more or load the model with a smaller context"
                .formatted(
                    LoadRequest.KV_MEMORY,
                    memory,
                    one.context(),
                    Math.ceilDiv(least * pageBytes, 1L << 20)));
      }
      pages = Math.min(pages, Integer.MAX_VALUE);
    } else {
      OptionalLong usable = MachineMemory.usable();
      long room = usable.isPresent() ? usable.getAsLong() / SHARE / pageBytes : wanted;
      pages = Math.max(least, Math.min(wanted, room));
    }
    return new Limits(
        Math.max(one.columns(), sequences),
        sequences,
        Math.max(one.logitRows(), sequences),
        one.context(),
        (int) Math.min(pages, Integer.MAX_VALUE),
        one.tokensPerPage(),
        one.threads(),
        one.planes(),
        one.expertBytes());
  }

  private static int sequences(Map<String, String> options) {
    String text = options.get(LoadRequest.SEQUENCES);
    if (text == null) {
      return LoadRequest.DEFAULT_SEQUENCES;
    }
    try {
      int value = Integer.parseInt(text.strip());
      if (value >= 1 && value <= MOST_SEQUENCES) {
        return value;
      }
    } catch (NumberFormatException e) {
      // falls through to the one error below
    }
    throw new UsageException(
        "%s should be an integer from 1 to %d, found '%s'"
            .formatted(LoadRequest.SEQUENCES, MOST_SEQUENCES, text));
  }

  private static long pageBytes(Graph graph, Limits limits) {
    long bytes = 0;
    for (CacheSpec cache : graph.caches()) {
      for (Plane plane : cache.planes()) {
        bytes += limits.typeOf(plane).bytes(plane.numbers()) * (long) limits.tokensPerPage();
      }
    }
    return bytes;
  }

  /**
   * Where pages of prompts are kept beyond the model's life, if that is asked for.
   *
   * @throws UsageException if what is kept would not be what was computed
   */
  static Optional<PrefixFolder> folder(
      LoadRequest request, Program program, Optional<PackedCheckpoint> packed) {
    String folder = request.options().get(LoadRequest.PREFIX_FOLDER);
    if (folder == null) {
      return Optional.empty();
    }
    if (KvNumbers.Q8.name().equalsIgnoreCase(request.options().get(LoadRequest.KV_TYPE))) {
      throw new UsageException(
          LoadRequest.PREFIX_FOLDER
              + " keeps keys and values of f32, f16 and bf16, not of q8; choose another "
              + LoadRequest.KV_TYPE);
    }
    Optional<String> hash = Optional.empty();
    if (packed.isPresent()) {
      try {
        hash = packed.get().contentHash();
      } catch (IOException e) {
        throw new BurhanException(request.model() + " can't be read: " + e, e);
      }
    }
    if (hash.isEmpty()) {
      throw new UsageException(
          LoadRequest.PREFIX_FOLDER
              + " needs the checkpoint's hash, which is remembered beside packed weights; set packed.cache to true");
    }
    return Optional.of(
        new PrefixFolder(
            Path.of(folder),
            MOST_KEPT,
            hash.get() + mathematics(program.plan().graph()),
            program.pages(),
            program.plan().graph().caches().size()));
  }

  /**
   * A graph as text: another version of its bundle may compute other keys and values from the same
   * checkpoint. Long tables print as their ends.
   */
  private static String mathematics(Graph graph) {
    StringBuilder text = new StringBuilder(graph.nodes().toString());
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Rope rope) {
        text.append(' ').append(rope.frequencies().hashCode()); // of the numbers alone
      }
    }
    return text.toString();
  }

  /** Who shares the pages of prompts that begin alike. */
  static Sharing sharing(LoadRequest request, Plan plan) {
    String how = Optional.ofNullable(request.options().get(LoadRequest.PREFIX_CACHE)).orElse("on");
    Sharing.Who who =
        switch (how) {
          case "on" -> Sharing.Who.EVERYBODY;
          case "off" -> Sharing.Who.NOBODY;
          case "tenant" -> Sharing.Who.TENANT;
          default ->
              throw new UsageException(
                  LoadRequest.PREFIX_CACHE + " should be on, off or tenant, found '" + how + "'");
        };
    List<String> identity = new ArrayList<>();
    identity.add(request.model());
    identity.add(plan.numerics().id());
    for (CacheSpec cache : plan.graph().caches()) {
      for (Plane plane : cache.planes()) {
        identity.add(plane.name() + " " + plan.limits().typeOf(plane));
      }
    }
    return new Sharing(who, identity);
  }
}
