package dev.burhan.backendvector.machinecode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes the few x86-64 instructions that the routines of this package are made of, on vectors of
 * one {@link Width}. Encodings, and the names, are those of Intel's Software Developer's Manual,
 * volume 2; a name that EVEX has a suffix for is VEX's. Displacements always take four bytes, which
 * EVEX does not scale.
 *
 * <p>Vector registers are numbers from 0 to 15, or 31 with EVEX, general ones the constants of
 * {@link Memory}.
 */
final class Assembler {
  /** Maps of opcodes. */
  private static final int MAP_0F = 1;

  private static final int MAP_0F38 = 2;
  private static final int MAP_0F3A = 3;

  /** Prefixes that are part of the opcode. */
  private static final int NONE = 0;

  private static final int P66 = 1;
  private static final int PF3 = 2;

  private static final int SIB = 4;
  private static final int RIP = 5;
  private static final int DISPLACEMENT_32 = 2;
  private static final int NO_INDEX = 4;
  private static final int LENGTH_512 = 0x40;
  private static final int LENGTH_256 = 4;
  private static final int BROADCAST = 0x10;
  private static final int INT3 = 0xcc;

  /** Table of {@code vpternlogd}: a or (b and c). */
  private static final int OR_AND = 0xf8;

  private final Width width;
  private ByteBuffer code = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
  private final List<Integer> constants = new ArrayList<>();
  private final List<int[]> uses =
      new ArrayList<>(); // where an address is left out, which constant

  Assembler(Width width) {
    this.width = width;
  }

  /**
   * A place in memory.
   *
   * @param index register, or -1
   * @param scale 1, 2, 4 or 8: what the index is multiplied by
   */
  record Memory(int base, int index, int scale, int displacement) {
    static final int RAX = 0;
    static final int RCX = 1;
    static final int RDX = 2;
    static final int RSP = 4;
    static final int RSI = 6;
    static final int RDI = 7;
    static final int R8 = 8;
    static final int R9 = 9;
    static final int R10 = 10;
    static final int R11 = 11;

    static Memory at(int base, int displacement) {
      return new Memory(base, -1, 1, displacement);
    }

    Memory plus(int more) {
      return new Memory(base, index, scale, displacement + more);
    }
  }

  /** How many bytes were written: where the next instruction begins. */
  int position() {
    return code.position();
  }

  /**
   * The instructions, and behind them the constants that they use: with EVEX one number each, which
   * instructions bring into all lanes, with VEX a vector each, at a multiple of its length.
   */
  byte[] bytes() {
    while (!width.evex() && !constants.isEmpty() && code.position() % width.bytes() != 0) {
      put(INT3);
    }
    int first = code.position();
    int lanes = width.evex() ? 1 : width.lanes();
    for (int constant : constants) {
      for (int i = 0; i < lanes; i++) {
        room();
        code.putInt(constant);
      }
    }
    for (int[] use : uses) {
      code.putInt(use[0], first + 4 * lanes * use[1] - use[2]);
    }
    return Arrays.copyOf(code.array(), code.position());
  }

  /** A constant in memory, behind the code; each is kept once. */
  private int constant(int number) {
    int index = constants.indexOf(number);
    if (index < 0) {
      constants.add(number);
      index = constants.size() - 1;
    }
    return index;
  }

  private void room() {
    if (code.remaining() < 32) {
      code =
          ByteBuffer.allocate(2 * code.capacity())
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(code.array(), 0, code.position());
    }
  }

  private void put(int... bytes) {
    room();
    for (int b : bytes) {
      code.put((byte) b);
    }
  }

  // General instructions.

  void ret() {
    put(0xc3);
  }

  void vzeroupper() {
    put(0xc5, 0xf8, 0x77);
  }

  void mov(int to, int from) {
    put(rex(from, -1, to), 0x89, modrm(3, from, to));
  }

  void mov(int to, Memory from) {
    general(0x8b, to, from);
  }

  void lea(int to, Memory from) {
    general(0x8d, to, from);
  }

  void add(int to, int number) {
    put(rex(0, -1, to), 0x81, modrm(3, 0, to));
    room();
    code.putInt(number);
  }

  void addTo(int to, int from) {
    put(rex(from, -1, to), 0x01, modrm(3, from, to));
  }

  void and(int to, int number) {
    put(rex(0, -1, to), 0x81, modrm(3, 4, to));
    room();
    code.putInt(number);
  }

  void dec(int register) {
    put(rex(0, -1, register), 0xff, modrm(3, 1, register));
  }

  /** Jumps back if the last result was not zero. */
  void jnz(int position) {
    put(0x0f, 0x85);
    room();
    code.putInt(position - (code.position() + 4));
  }

  /** Into all caches. */
  void prefetcht0(Memory from) {
    int prefix = rex(0, from.index, from.base) & 0xf7; // no REX.W
    if (prefix != 0x40) {
      put(prefix);
    }
    put(0x0f, 0x18);
    memory(1, from);
  }

  private void general(int opcode, int register, Memory memory) {
    put(rex(register, memory.index, memory.base), opcode);
    memory(register, memory);
  }

  private static int rex(int register, int index, int base) {
    return 0x48 | (register >> 3 & 1) << 2 | (index < 0 ? 0 : index >> 3 & 1) << 1 | base >> 3 & 1;
  }

  // Vector instructions: to is the destination, a, b and c are sources in the manual's order.

  void vmovdqu(int to, Memory from) {
    vector(MAP_0F, PF3, 0x6f, to, 0, from, false);
  }

  void vmovdqu(Memory to, int from) {
    vector(MAP_0F, PF3, 0x7f, from, 0, to, false);
  }

  void vmovups(int to, Memory from) {
    vector(MAP_0F, NONE, 0x10, to, 0, from, false);
  }

  void vmovups(Memory to, int from) {
    vector(MAP_0F, NONE, 0x11, from, 0, to, false);
  }

  void vpbroadcastd(int to, Memory from) {
    vector(MAP_0F38, P66, 0x58, to, 0, from, false);
  }

  /** All lanes from a constant. */
  void vpbroadcastd(int to, int number) {
    vector(MAP_0F38, P66, 0x58, to, 0, constant(number), false, 0);
  }

  void vbroadcastss(int to, Memory from) {
    vector(MAP_0F38, P66, 0x18, to, 0, from, false);
  }

  void vpand(int to, int a, int b) {
    vector(MAP_0F, P66, 0, 0xdb, to, a, b);
  }

  /**
   * {@code to | from & mask}.
   *
   * @param mask in all lanes
   * @param moment a register for what is between
   */
  void orMasked(int to, int from, int mask, int moment) {
    if (width.evex()) {
      vector(MAP_0F3A, P66, 0x25, to, from, constant(mask), true, 1); // vpternlogd
      put(OR_AND);
    } else {
      vector(MAP_0F, P66, 0xdb, moment, from, constant(mask), false, 0); // vpand
      vector(MAP_0F, P66, 0, 0xeb, to, to, moment); // vpor
    }
  }

  void vpsrld(int to, int from, int count) {
    vector(MAP_0F, P66, 0, 0x72, 2, to, from);
    put(count);
  }

  void vpslld(int to, int from, int count) {
    vector(MAP_0F, P66, 0, 0x72, 6, to, from);
    put(count);
  }

  void vpaddw(int to, int a, int b) {
    vector(MAP_0F, P66, 0, 0xfd, to, a, b);
  }

  void vpaddd(int to, int a, int b) {
    vector(MAP_0F, P66, 0, 0xfe, to, a, b);
  }

  /** Unsigned bytes of a times signed ones of b, sums of two in 16 bits. */
  void vpmaddubsw(int to, int a, int b) {
    vector(MAP_0F38, P66, 0, 0x04, to, a, b);
  }

  /** 16-bit lanes of the register's lower half to 32 bits. */
  void vpmovsxwd(int to, int from) {
    vector(MAP_0F38, P66, 0, 0x23, to, 0, from);
  }

  void vpmovsxwd(int to, Memory from) {
    vector(MAP_0F38, P66, 0x23, to, 0, from, false);
  }

  /** Signed bytes to 32 bits. */
  void vpmovsxbd(int to, Memory from) {
    vector(MAP_0F38, P66, 0x21, to, 0, from, false);
  }

  /** The upper half of a register: {@code vextracti64x4} or {@code vextracti128}. */
  void upperHalf(int to, int from) {
    if (width.evex()) {
      vector(MAP_0F3A, P66, 1, 0x3b, from, 0, to);
    } else {
      vector(MAP_0F3A, P66, 0, 0x39, from, 0, to);
    }
    put(1);
  }

  void vcvtdq2ps(int to, int from) {
    vector(MAP_0F, NONE, 0, 0x5b, to, 0, from);
  }

  void vmulps(int to, int a, int b) {
    vector(MAP_0F, NONE, 0, 0x59, to, a, b);
  }

  void vmulps(int to, int a, Memory b) {
    vector(MAP_0F, NONE, 0x59, to, a, b, false);
  }

  /** Times a number in memory, the same in all lanes; {@code a} is another register than to. */
  void mulAll(int to, int a, Memory number) {
    if (width.evex()) {
      vector(MAP_0F, NONE, 0x59, to, a, number, true);
    } else {
      vbroadcastss(to, number);
      vmulps(to, a, to);
    }
  }

  /** Adds a times b. */
  void vfmadd231ps(int to, int a, int b) {
    vector(MAP_0F38, P66, 0, 0xb8, to, a, b);
  }

  /** With EVEX alone: adds a times a number in memory, the same in all lanes. */
  void vfmadd231psAll(int to, int a, Memory number) {
    vector(MAP_0F38, P66, 0xb8, to, a, number, true);
  }

  /** Multiplies with a, then adds what is in memory. */
  void vfmadd213ps(int to, int a, Memory addend) {
    vector(MAP_0F38, P66, 0xa8, to, a, addend, false);
  }

  private void vector(int map, int prefix, int w, int opcode, int reg, int vvvv, int rm) {
    prefix(map, prefix, w, reg, vvvv, rm >> 4 & 1, rm >> 3 & 1, false);
    put(opcode, modrm(3, reg, rm));
  }

  private void vector(
      int map, int prefix, int opcode, int reg, int vvvv, Memory rm, boolean broadcast) {
    int index = rm.index < 0 ? 0 : rm.index >> 3 & 1;
    prefix(map, prefix, 0, reg, vvvv, index, rm.base >> 3 & 1, broadcast);
    put(opcode);
    memory(reg, rm);
  }

  /**
   * With a constant.
   *
   * @param behind bytes of the instruction that follow the address
   */
  private void vector(
      int map,
      int prefix,
      int opcode,
      int reg,
      int vvvv,
      int constant,
      boolean broadcast,
      int behind) {
    prefix(map, prefix, 0, reg, vvvv, 0, 0, broadcast);
    put(opcode, modrm(0, reg, RIP));
    room();
    uses.add(new int[] {code.position(), constant, code.position() + 4 + behind});
    code.putInt(0);
  }

  private void prefix(
      int map, int prefix, int w, int reg, int vvvv, int x, int b, boolean broadcast) {
    int extensions = not(reg >> 3 & 1) << 7 | not(x) << 6 | not(b) << 5 | map;
    int rest = w << 7 | (~vvvv & 15) << 3 | prefix;
    if (width.evex()) {
      put(
          0x62,
          extensions | not(reg >> 4 & 1) << 4,
          rest | 4,
          LENGTH_512 | (broadcast ? BROADCAST : 0) | not(vvvv >> 4 & 1) << 3);
    } else if (broadcast) {
      throw new IllegalStateException("VEX has no number of memory in all lanes");
    } else {
      put(0xc4, extensions, rest | LENGTH_256);
    }
  }

  private static int not(int bit) {
    return bit ^ 1;
  }

  private static int modrm(int mode, int register, int rm) {
    return mode << 6 | (register & 7) << 3 | rm & 7;
  }

  private void memory(int register, Memory memory) {
    if (memory.index < 0 && (memory.base & 7) != SIB) {
      put(modrm(DISPLACEMENT_32, register, memory.base));
    } else {
      int index = memory.index < 0 ? NO_INDEX : memory.index & 7;
      int scale = Integer.numberOfTrailingZeros(memory.scale);
      put(modrm(DISPLACEMENT_32, register, SIB), scale << 6 | index << 3 | memory.base & 7);
    }
    room();
    code.putInt(memory.displacement);
  }
}
