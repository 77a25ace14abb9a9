package dev.burhan.backendvector.machinecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.function.IntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checks that machine code has to pass before it is used, and before each call. */
class SelfCheckTest {
  private static void needsAProcessorThatHasIt(Width width) {
    assumeTrue(
        MachineCode.find(width.bits()).isPresent(),
        "a processor without AVX-512 BW, or AVX2 and FMA, or not Linux");
  }

  private static void assertPlanes(
      boolean right, Width width, int bits, IntFunction<byte[]> routine) {
    try (Routines routines = new Routines(Columns.MOST, PlaneRoutine.block(width, bits), routine)) {
      assertEquals(right, SelfCheck.planes(routines, width, bits), width + ", " + bits + " bits");
    }
  }

  private static void assertBytes(boolean right, Width width, IntFunction<byte[]> routine) {
    int columns = ByteRoutine.columns(width);
    try (Routines routines = new Routines(columns, ByteRoutine.block(width), routine)) {
      assertEquals(right, SelfCheck.bytes(routines, width), width + ", bytes");
    }
  }

  @ParameterizedTest
  @EnumSource
  void rightRoutinesPass(Width width) {
    needsAProcessorThatHasIt(width);
    for (int bits = 4; bits <= 6; bits++) {
      int b = bits;
      assertPlanes(true, width, bits, c -> PlaneRoutine.of(width, b, c));
    }
    assertBytes(true, width, c -> ByteRoutine.of(width, c));
  }

  @ParameterizedTest
  @EnumSource
  void routinesThatDoNothingFail(Width width) {
    needsAProcessorThatHasIt(width);
    IntFunction<byte[]> nothing = columns -> new byte[] {(byte) 0xc3};
    for (int bits = 4; bits <= 6; bits++) {
      assertPlanes(false, width, bits, nothing);
    }
    assertBytes(false, width, nothing);
  }

  /** One that is wrong for one number of columns alone. */
  @ParameterizedTest
  @EnumSource
  void aRoutineOfOtherColumnsFails(Width width) {
    needsAProcessorThatHasIt(width);
    assertPlanes(false, width, 5, c -> PlaneRoutine.of(width, 5, c == 3 ? 2 : c));
    assertBytes(false, width, c -> ByteRoutine.of(width, c == 4 ? 5 : c));
  }

  /** What is too short is an error, and so is a call after the end: none gets to the code. */
  @ParameterizedTest
  @EnumSource
  void wrongCallsAreErrors(Width width) {
    needsAProcessorThatHasIt(width);
    int rows = width.rows();
    Routines routines =
        new Routines(
            ByteRoutine.columns(width), ByteRoutine.block(width), c -> ByteRoutine.of(width, c));
    MemorySegment x = MemorySegment.ofArray(new float[2 * 32]);
    MemorySegment scales = MemorySegment.ofArray(new float[rows]);
    MemorySegment sums = MemorySegment.ofArray(new float[2 * rows]);
    record Call(int columns, int first, int stride, int to, int blocks) {}
    for (Call call :
        new Call[] {
          new Call(0, 0, 32, 0, 1),
          new Call(9, 0, 0, 0, 1),
          new Call(2, 1, 32, 0, 1),
          new Call(2, 0, 33, 0, 1),
          new Call(2, 0, 32, 1, 1),
          new Call(1, -1, 32, 0, 1),
          new Call(2, 0, -32, 0, 1),
          new Call(1, 0, 32, -1, 1),
          new Call(1, 0, 32, 0, 0),
          new Call(1, 0, 32, 0, 2)
        }) {
      assertThrows(
          IndexOutOfBoundsException.class,
          () ->
              routines.run(
                  call.columns(),
                  0,
                  x,
                  call.first(),
                  call.stride(),
                  scales,
                  sums,
                  call.to(),
                  call.blocks()),
          call.toString());
    }
    routines.close();
    routines.close();
    assertThrows(
        IllegalStateException.class, () -> routines.run(1, 0, x, 0, 32, scales, sums, 0, 1));
  }
}
