package dev.burhan.kernel.executor;

import dev.burhan.backend.KvPages;
import dev.burhan.backend.KvPlane;
import dev.burhan.backend.Limits;
import dev.burhan.graph.CacheSpec;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Plane;
import dev.burhan.kernel.kv.KvNumbers;
import dev.burhan.provider.HostMemory;
import dev.burhan.tensor.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The KV pages of a program in host memory: for each cache and plane (pages, tokensPerPage,
 * numbers).
 */
final class KvMemory implements KvPages, AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final HostMemory memory;
  private final MemorySegment block;
  private final Limits limits;
  private final List<List<KvPlane>> planes; // by cache
  private volatile boolean closed; // mapped memory has no lifetime check of its own

  KvMemory(Graph graph, Limits limits, HostMemory memory) {
    this.memory = memory;
    this.limits = limits;
    long bytes = Math.max(1, Math.multiplyExact(pageBytes(graph, limits), (long) limits.pages()));
    block = memory.map(bytes);
    planes = new ArrayList<>();
    long offset = 0;
    for (CacheSpec cache : graph.caches()) {
      List<KvPlane> ofCache = new ArrayList<>();
      for (Plane plane : cache.planes()) {
        long size = planeBytes(plane, limits) * limits.pages();
        ofCache.add(
            new KvPlane(
                block.asSlice(offset, size),
                limits.typeOf(plane),
                plane.numbers(),
                limits.tokensPerPage()));
        offset += size;
      }
      planes.add(ofCache);
    }
  }

  /** Bytes of one page over all caches. */
  static long pageBytes(Graph graph, Limits limits) {
    long bytes = 0;
    for (CacheSpec cache : graph.caches()) {
      for (Plane plane : cache.planes()) {
        bytes = Math.addExact(bytes, planeBytes(plane, limits));
      }
    }
    return bytes;
  }

  private static long planeBytes(Plane plane, Limits limits) {
    return Math.multiplyExact(
        limits.typeOf(plane).bytes(plane.numbers()), (long) limits.tokensPerPage());
  }

  KvPlane plane(int cache, int plane) {
    return planes.get(cache).get(plane);
  }

  @Override
  public int count() {
    return limits.pages();
  }

  @Override
  public int tokensPerPage() {
    return limits.tokensPerPage();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the program is closed, and its pages are gone");
    }
  }

  @Override
  public void copy(int from, int to) {
    requireOpen();
    for (List<KvPlane> ofCache : planes) {
      for (KvPlane plane : ofCache) {
        long bytes = plane.rowBytes() * plane.tokensPerPage();
        MemorySegment.copy(
            plane.segment(), plane.offset(from, 0), plane.segment(), plane.offset(to, 0), bytes);
      }
    }
  }

  @Override
  public long canonicalBytes(int cache) {
    return planes.get(cache).stream().mapToLong(plane -> numbersPerPage(plane) * Float.BYTES).sum();
  }

  private static long numbersPerPage(KvPlane plane) {
    return (long) plane.tokensPerPage() * plane.numbers();
  }

  @Override
  public void save(int page, int cache, MemorySegment to) {
    requireOpen();
    long at = 0;
    for (KvPlane plane : planes.get(cache)) {
      KvNumbers numbers = KvNumbers.of(plane.type()).orElseThrow();
      float[] row = new float[plane.numbers()];
      for (int slot = 0; slot < plane.tokensPerPage(); slot++, at += 4L * row.length) {
        numbers.read(plane.segment(), plane.offset(page, slot), row);
        MemorySegment.copy(row, 0, to, FLOAT, at, row.length);
      }
    }
  }

  @Override
  public void load(int page, int cache, MemorySegment from) {
    requireOpen();
    long at = 0;
    for (KvPlane plane : planes.get(cache)) {
      KvNumbers numbers = KvNumbers.of(plane.type()).orElseThrow();
      float[] row = new float[plane.numbers()];
      for (int slot = 0; slot < plane.tokensPerPage(); slot++, at += 4L * row.length) {
        MemorySegment.copy(from, FLOAT, at, row, 0, row.length);
        numbers.put(row, 0, row.length, plane.segment(), plane.offset(page, slot), 0);
      }
    }
  }

  /** Whether this executor can hold a plane in such a type. */
  static boolean holds(DataType type) {
    return KvNumbers.of(type).isPresent();
  }

  @Override
  public void close() {
    closed = true;
    memory.unmap(block);
  }
}
