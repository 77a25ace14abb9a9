package dev.burhan.backendvector;

import static dev.burhan.backendvector.Bytes16.addWhere;
import static dev.burhan.backendvector.Bytes16.half;
import static dev.burhan.backendvector.Bytes16.highNibbles;
import static dev.burhan.backendvector.Bytes16.load;
import static dev.burhan.backendvector.Bytes16.lowNibbles;
import static dev.burhan.backendvector.Bytes16.store;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;

/** The types with blocks of 32: see {@link dev.burhan.tensor.DataType} for their formats. */
final class UnpackBlocks {
  private static final int BLOCK = 32;

  private UnpackBlocks() {}

  /** half d; nibbles. */
  static final class Q4Zero implements Unpack {
    private static final int BYTES = 18;

    @Override
    public int group() {
      return BLOCK;
    }

    @Override
    public boolean hasMins() {
      return false;
    }

    @Override
    public void unpack(MemorySegment w, long at, int blocks, Work work, int slot) {
      byte[] q = work.quants;
      float[] scales = work.scales;
      float[] mins = work.mins;
      int first = slot * Work.CHUNK;
      int group = slot * Work.GROUPS;
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        ByteVector nibbles = load(w, b + 2);
        store(lowNibbles(nibbles).sub((byte) 8), q, first + block * 32);
        store(highNibbles(nibbles).sub((byte) 8), q, first + block * 32 + 16);
        scales[group + block] = half(w, b);
      }
    }
  }

  /** half d, half m; nibbles. */
  static final class Q4One implements Unpack {
    private static final int BYTES = 20;

    @Override
    public int group() {
      return BLOCK;
    }

    @Override
    public boolean hasMins() {
      return true;
    }

    @Override
    public void unpack(MemorySegment w, long at, int blocks, Work work, int slot) {
      byte[] q = work.quants;
      float[] scales = work.scales;
      float[] mins = work.mins;
      int first = slot * Work.CHUNK;
      int group = slot * Work.GROUPS;
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        ByteVector nibbles = load(w, b + 4);
        store(lowNibbles(nibbles), q, first + block * 32);
        store(highNibbles(nibbles), q, first + block * 32 + 16);
        scales[group + block] = half(w, b);
        mins[group + block] = half(w, b + 2);
      }
    }
  }

  /** half d; fifth bits; nibbles. */
  static final class Q5Zero implements Unpack {
    private static final int BYTES = 22;

    @Override
    public int group() {
      return BLOCK;
    }

    @Override
    public boolean hasMins() {
      return false;
    }

    @Override
    public void unpack(MemorySegment w, long at, int blocks, Work work, int slot) {
      byte[] q = work.quants;
      float[] scales = work.scales;
      float[] mins = work.mins;
      int first = slot * Work.CHUNK;
      int group = slot * Work.GROUPS;
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        int unset = ~w.get(Memory.INT, b + 2);
        ByteVector nibbles = load(w, b + 6);
        store(addWhere(lowNibbles(nibbles), unset, -16), q, first + block * 32);
        store(addWhere(highNibbles(nibbles), unset >>> 16, -16), q, first + block * 32 + 16);
        scales[group + block] = half(w, b);
      }
    }
  }

  /** half d, half m; fifth bits; nibbles. */
  static final class Q5One implements Unpack {
    private static final int BYTES = 24;

    @Override
    public int group() {
      return BLOCK;
    }

    @Override
    public boolean hasMins() {
      return true;
    }

    @Override
    public void unpack(MemorySegment w, long at, int blocks, Work work, int slot) {
      byte[] q = work.quants;
      float[] scales = work.scales;
      float[] mins = work.mins;
      int first = slot * Work.CHUNK;
      int group = slot * Work.GROUPS;
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        int set = w.get(Memory.INT, b + 4);
        ByteVector nibbles = load(w, b + 8);
        store(addWhere(lowNibbles(nibbles), set, 16), q, first + block * 32);
        store(addWhere(highNibbles(nibbles), set >>> 16, 16), q, first + block * 32 + 16);
        scales[group + block] = half(w, b);
        mins[group + block] = half(w, b + 2);
      }
    }
  }

  /** half d; signed bytes. */
  static final class Q8Zero implements Unpack {
    private static final int BYTES = 34;

    @Override
    public int group() {
      return BLOCK;
    }

    @Override
    public boolean hasMins() {
      return false;
    }

    @Override
    public void unpack(MemorySegment w, long at, int blocks, Work work, int slot) {
      byte[] q = work.quants;
      float[] scales = work.scales;
      float[] mins = work.mins;
      int first = slot * Work.CHUNK;
      int group = slot * Work.GROUPS;
      for (int block = 0; block < blocks; block++) {
        long b = at + (long) block * BYTES;
        store(load(w, b + 2), q, first + block * 32);
        store(load(w, b + 18), q, first + block * 32 + 16);
        scales[group + block] = half(w, b);
      }
    }
  }
}
