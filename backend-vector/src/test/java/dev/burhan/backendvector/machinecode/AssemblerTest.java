package dev.burhan.backendvector.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.burhan.backendvector.machinecode.Assembler.Memory;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Encodings as GNU as 2.40 gives them for the same instructions. */
class AssemblerTest {
  private static final int FAR = 0x12345678;
  private static final Memory STACK = Memory.at(Memory.RSP, FAR);
  private static final Memory WEIGHTS = Memory.at(Memory.RDI, FAR);
  private static final Memory SUMS = Memory.at(Memory.R9, FAR);
  private static final Memory COLUMN = new Memory(Memory.RSI, Memory.RCX, 1, FAR);
  private static final Memory LAST = new Memory(Memory.R11, Memory.R10, 1, FAR);

  private static Arguments of(String text, Consumer<Assembler> instruction, String bytes) {
    return Arguments.of(text, instruction, bytes);
  }

  static Stream<Arguments> instructions() {
    return Stream.of(
        of("add rsi, rdx", a -> a.addTo(Memory.RSI, Memory.RDX), "48 01 d6"),
        of("add r9, rax", a -> a.addTo(Memory.R9, Memory.RAX), "49 01 c1"),
        of("mov rdx, rsp", a -> a.mov(Memory.RDX, Memory.RSP), "48 89 e2"),
        of("mov rax, [rsp]", a -> a.mov(Memory.RAX, STACK), "48 8b 84 24 78 56 34 12"),
        of(
            "lea r10, [rcx+rcx*2]",
            a -> a.lea(Memory.R10, new Memory(Memory.RCX, Memory.RCX, 2, FAR)),
            "4c 8d 94 49 78 56 34 12"),
        of(
            "lea r11, [rsi+rcx*4]",
            a -> a.lea(Memory.R11, new Memory(Memory.RSI, Memory.RCX, 4, FAR)),
            "4c 8d 9c 8e 78 56 34 12"),
        of("add rdi, FAR", a -> a.add(Memory.RDI, FAR), "48 81 c7 78 56 34 12"),
        of("add r11, FAR", a -> a.add(Memory.R11, FAR), "49 81 c3 78 56 34 12"),
        of("and rsp, -64", a -> a.and(Memory.RSP, -64), "48 81 e4 c0 ff ff ff"),
        of("dec rax", a -> a.dec(Memory.RAX), "48 ff c8"),
        of("prefetcht0 [rdi]", a -> a.prefetcht0(WEIGHTS), "0f 18 8f 78 56 34 12"),
        of("prefetcht0 [r11+r10]", a -> a.prefetcht0(LAST), "43 0f 18 8c 13 78 56 34 12"),
        of("vmovdqu32 zmm27, [rdi]", a -> a.vmovdqu(27, WEIGHTS), "62 61 7e 48 6f 9f 78 56 34 12"),
        of("vmovdqu32 [rsp], zmm7", a -> a.vmovdqu(STACK, 7), "62 f1 7e 48 7f bc 24 78 56 34 12"),
        of("vmovups zmm16, [r9]", a -> a.vmovups(16, SUMS), "62 c1 7c 48 10 81 78 56 34 12"),
        of("vmovups [r9], zmm23", a -> a.vmovups(SUMS, 23), "62 c1 7c 48 11 b9 78 56 34 12"),
        of(
            "vpbroadcastd zmm31, [r11+r10]",
            a -> a.vpbroadcastd(31, LAST),
            "62 02 7d 48 58 bc 13 78 56 34 12"),
        of(
            "vpbroadcastd zmm3, [rsi+rcx*2]",
            a -> a.vpbroadcastd(3, new Memory(Memory.RSI, Memory.RCX, 2, FAR)),
            "62 f2 7d 48 58 9c 4e 78 56 34 12"),
        of("vpandd zmm26, zmm27, zmm24", a -> a.vpand(26, 27, 24), "62 01 25 40 db d0"),
        of("vpsrld zmm27, zmm1, 4", a -> a.vpsrld(27, 1, 4), "62 f1 25 40 72 d1 04"),
        of("vpslld zmm5, zmm28, 10", a -> a.vpslld(5, 28, 10), "62 91 55 48 72 f4 0a"),
        of("vpaddw zmm7, zmm7, zmm30", a -> a.vpaddw(7, 7, 30), "62 91 45 48 fd fe"),
        of("vpaddd zmm29, zmm8, zmm31", a -> a.vpaddd(29, 8, 31), "62 01 3d 48 fe ef"),
        of("vpmaddubsw zmm31, zmm26, zmm31", a -> a.vpmaddubsw(31, 26, 31), "62 02 2d 40 04 ff"),
        of("vpmovsxwd zmm30, ymm19", a -> a.vpmovsxwd(30, 19), "62 22 7d 48 23 f3"),
        of(
            "vpmovsxwd zmm30, [rsp]",
            a -> a.vpmovsxwd(30, STACK),
            "62 62 7d 48 23 b4 24 78 56 34 12"),
        of(
            "vpmovsxbd zmm29, [rdi]",
            a -> a.vpmovsxbd(29, WEIGHTS),
            "62 62 7d 48 21 af 78 56 34 12"),
        of("vextracti64x4 ymm29, zmm6, 1", a -> a.upperHalf(29, 6), "62 93 fd 48 3b f5 01"),
        of("vcvtdq2ps zmm6, zmm21", a -> a.vcvtdq2ps(6, 21), "62 b1 7c 48 5b f5"),
        of("vmulps zmm30, zmm25, zmm9", a -> a.vmulps(30, 25, 9), "62 41 34 40 59 f1"),
        of(
            "vmulps zmm30, zmm25, [rsi+rcx]{1to16}",
            a -> a.mulAll(30, 25, COLUMN),
            "62 61 34 50 59 b4 0e 78 56 34 12"),
        of("vfmadd231ps zmm15, zmm6, zmm30", a -> a.vfmadd231ps(15, 6, 30), "62 12 4d 48 b8 fe"),
        of(
            "vfmadd231ps zmm23, zmm31, [r11+r10]{1to16}",
            a -> a.vfmadd231psAll(23, 31, LAST),
            "62 82 05 50 b8 bc 13 78 56 34 12"),
        of(
            "vmulps zmm30, zmm25, [r9]",
            a -> a.vmulps(30, 25, SUMS),
            "62 41 34 40 59 b1 78 56 34 12"),
        of(
            "vbroadcastss zmm30, [rdi]",
            a -> a.vbroadcastss(30, WEIGHTS),
            "62 62 7d 48 18 b7 78 56 34 12"),
        of(
            "vfmadd213ps zmm30, zmm25, [r9]",
            a -> a.vfmadd213ps(30, 25, SUMS),
            "62 42 35 40 a8 b1 78 56 34 12"),
        of("vzeroupper", Assembler::vzeroupper, "c5 f8 77"),
        of("ret", Assembler::ret, "c3"));
  }

  /** With VEX of three bytes. */
  static Stream<Arguments> vexInstructions() {
    return Stream.of(
        of("vmovdqu ymm11, [rdi]", a -> a.vmovdqu(11, WEIGHTS), "c4 61 7e 6f 9f 78 56 34 12"),
        of("vmovdqu [rsp], ymm7", a -> a.vmovdqu(STACK, 7), "c4 e1 7e 7f bc 24 78 56 34 12"),
        of("vmovups ymm0, [r9]", a -> a.vmovups(0, SUMS), "c4 c1 7c 10 81 78 56 34 12"),
        of("vmovups [r9], ymm15", a -> a.vmovups(SUMS, 15), "c4 41 7c 11 b9 78 56 34 12"),
        of(
            "vpbroadcastd ymm15, [r11+r10]",
            a -> a.vpbroadcastd(15, LAST),
            "c4 02 7d 58 bc 13 78 56 34 12"),
        of(
            "vpbroadcastd ymm3, [rsi+rcx*2]",
            a -> a.vpbroadcastd(3, new Memory(Memory.RSI, Memory.RCX, 2, FAR)),
            "c4 e2 7d 58 9c 4e 78 56 34 12"),
        of(
            "vbroadcastss ymm14, [r11+rcx]",
            a -> a.vbroadcastss(14, new Memory(Memory.R11, Memory.RCX, 1, FAR)),
            "c4 42 7d 18 b4 0b 78 56 34 12"),
        of("vpand ymm10, ymm11, ymm8", a -> a.vpand(10, 11, 8), "c4 41 25 db d0"),
        of("vpsrld ymm11, ymm1, 4", a -> a.vpsrld(11, 1, 4), "c4 e1 25 72 d1 04"),
        of("vpslld ymm5, ymm12, 10", a -> a.vpslld(5, 12, 10), "c4 c1 55 72 f4 0a"),
        of("vpaddw ymm7, ymm7, ymm14", a -> a.vpaddw(7, 7, 14), "c4 c1 45 fd fe"),
        of("vpaddd ymm13, ymm8, ymm15", a -> a.vpaddd(13, 8, 15), "c4 41 3d fe ef"),
        of("vpmaddubsw ymm15, ymm10, ymm15", a -> a.vpmaddubsw(15, 10, 15), "c4 42 2d 04 ff"),
        of("vpmovsxwd ymm14, xmm3", a -> a.vpmovsxwd(14, 3), "c4 62 7d 23 f3"),
        of("vpmovsxwd ymm14, [rsp]", a -> a.vpmovsxwd(14, STACK), "c4 62 7d 23 b4 24 78 56 34 12"),
        of("vpmovsxbd ymm13, [rdi]", a -> a.vpmovsxbd(13, WEIGHTS), "c4 62 7d 21 af 78 56 34 12"),
        of("vextracti128 xmm13, ymm6, 1", a -> a.upperHalf(13, 6), "c4 c3 7d 39 f5 01"),
        of("vcvtdq2ps ymm6, ymm11", a -> a.vcvtdq2ps(6, 11), "c4 c1 7c 5b f3"),
        of("vmulps ymm14, ymm9, ymm11", a -> a.vmulps(14, 9, 11), "c4 41 34 59 f3"),
        of("vmulps ymm14, ymm9, [r9]", a -> a.vmulps(14, 9, SUMS), "c4 41 34 59 b1 78 56 34 12"),
        of(
            "vbroadcastss ymm14, [rsi+rcx]; vmulps ymm14, ymm9, ymm14",
            a -> a.mulAll(14, 9, COLUMN),
            "c4 62 7d 18 b4 0e 78 56 34 12 c4 41 34 59 f6"),
        of("vfmadd231ps ymm7, ymm6, ymm14", a -> a.vfmadd231ps(7, 6, 14), "c4 c2 4d b8 fe"),
        of(
            "vfmadd213ps ymm5, ymm14, [r9]",
            a -> a.vfmadd213ps(5, 14, SUMS),
            "c4 c2 0d a8 a9 78 56 34 12"));
  }

  private static String hex(Assembler assembler) {
    return HexFormat.ofDelimiter(" ").formatHex(assembler.bytes());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("instructions")
  void instructionsAreEncodedAsAnotherAssemblerDoes(
      String text, Consumer<Assembler> instruction, String bytes) {
    Assembler assembler = new Assembler(Width.BITS_512);
    instruction.accept(assembler);
    assertEquals(bytes, hex(assembler));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("vexInstructions")
  void narrowerVectorsAreEncodedAsAnotherAssemblerDoes(
      String text, Consumer<Assembler> instruction, String bytes) {
    Assembler assembler = new Assembler(Width.BITS_256);
    instruction.accept(assembler);
    assertEquals(bytes, hex(assembler));
  }

  /** Each constant is kept once, behind the code, and found from where the instruction ends. */
  @Test
  void constantsLieBehindTheCode() {
    Assembler assembler = new Assembler(Width.BITS_512);
    assembler.vpbroadcastd(24, 0x0f0f0f0f);
    assembler.orMasked(26, 29, 0x00100010, 0);
    assembler.dec(Memory.RAX);
    assembler.ret();
    assertEquals(
        "62 62 7d 48 58 05 0f 00 00 00 62 63 15 50 25 15 08 00 00 00 f8 48 ff c8 c3 "
            + "0f 0f 0f 0f 10 00 10 00",
        hex(assembler));
    assembler = new Assembler(Width.BITS_512);
    assembler.vpbroadcastd(0, 5);
    assembler.vpbroadcastd(0, 5);
    assertEquals(2 * 10 + 4, assembler.bytes().length);
  }

  /** With VEX they are whole vectors, at a multiple of their length. */
  @Test
  void constantsOfNarrowerVectorsAreWhole() {
    Assembler assembler = new Assembler(Width.BITS_256);
    assembler.vpbroadcastd(8, 0x0f0f0f0f);
    assembler.orMasked(10, 12, 0x00100010, 13);
    assembler.dec(Memory.RAX);
    assembler.ret();
    assertEquals(
        "c4 62 7d 58 05 17 00 00 00 c4 61 1d db 2d 2e 00 00 00 c4 41 2d eb d5 48 ff c8 c3 "
            + "cc cc cc cc cc "
            + "0f 0f 0f 0f ".repeat(8)
            + "10 00 10 00 ".repeat(8).strip(),
        hex(assembler));
  }

  @Test
  void aJumpGoesBackFromWhereItEnds() {
    Assembler assembler = new Assembler(Width.BITS_512);
    int loop = assembler.position();
    assembler.dec(Memory.RAX);
    assembler.jnz(loop);
    assertEquals("48 ff c8 0f 85 f7 ff ff ff", hex(assembler));
  }

  @Test
  void codeMayBeLongerThanItsFirstRoom() {
    Assembler assembler = new Assembler(Width.BITS_512);
    for (int i = 0; i < 10_000; i++) {
      assembler.vpand(26, 27, 24);
    }
    assertEquals("62 01 25 40 db d0 ".repeat(10_000).strip(), hex(assembler));
  }
}
