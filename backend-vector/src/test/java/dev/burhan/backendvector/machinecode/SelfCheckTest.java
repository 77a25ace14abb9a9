package dev.burhan.backendvector.machinecode;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.function.IntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The check that machine code has to pass before it is used. */
class SelfCheckTest {
  private static void needsAProcessorThatHasIt(Width width) {
    assumeTrue(
        MachineCode.find(width.bits()).isPresent(),
        "a processor without AVX-512 BW, or AVX2 and FMA, or not Linux");
  }

  private static Routines planes(IntFunction<byte[]> routine) {
    return new Routines(Columns.MOST, routine);
  }

  private static Routines bytes(Width width, IntFunction<byte[]> routine) {
    return new Routines(ByteRoutine.columns(width), routine);
  }

  @ParameterizedTest
  @EnumSource
  void rightRoutinesPass(Width width) {
    needsAProcessorThatHasIt(width);
    for (int bits = 4; bits <= 6; bits++) {
      int b = bits;
      Routines routines = planes(c -> PlaneRoutine.of(width, b, c));
      assertTrue(SelfCheck.planes(routines, width, bits));
    }
    assertTrue(SelfCheck.bytes(bytes(width, c -> ByteRoutine.of(width, c)), width));
  }

  @ParameterizedTest
  @EnumSource
  void routinesThatDoNothingFail(Width width) {
    needsAProcessorThatHasIt(width);
    IntFunction<byte[]> nothing = columns -> new byte[] {(byte) 0xc3};
    for (int bits = 4; bits <= 6; bits++) {
      assertFalse(SelfCheck.planes(planes(nothing), width, bits));
    }
    assertFalse(SelfCheck.bytes(bytes(width, nothing), width));
  }

  /** One that is wrong for one number of columns alone. */
  @ParameterizedTest
  @EnumSource
  void aRoutineOfOtherColumnsFails(Width width) {
    needsAProcessorThatHasIt(width);
    Routines few = planes(c -> PlaneRoutine.of(width, 5, c == 3 ? 2 : c));
    assertFalse(SelfCheck.planes(few, width, 5));
    Routines many = bytes(width, c -> ByteRoutine.of(width, c == 4 ? 5 : c));
    assertFalse(SelfCheck.bytes(many, width));
  }
}
