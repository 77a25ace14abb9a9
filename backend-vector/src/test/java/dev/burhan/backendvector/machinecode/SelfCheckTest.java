package dev.burhan.backendvector.machinecode;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The check that machine code has to pass before it is used. */
class SelfCheckTest {
  @BeforeEach
  void needsAProcessorThatHasIt() {
    assumeTrue(MachineCode.find().isPresent(), "a processor without AVX-512 BW, or not Linux");
  }

  @Test
  void rightRoutinesPass() {
    for (int bits = 4; bits <= 6; bits++) {
      int b = bits;
      assertTrue(SelfCheck.planes(new Routines(c -> PlaneRoutine.of(b, c)), bits));
    }
    assertTrue(SelfCheck.bytes(new Routines(ByteRoutine::of)));
  }

  @Test
  void routinesThatDoNothingFail() {
    Routines nothing = new Routines(columns -> new byte[] {(byte) 0xc3});
    for (int bits = 4; bits <= 6; bits++) {
      assertFalse(SelfCheck.planes(nothing, bits));
    }
    assertFalse(SelfCheck.bytes(nothing));
  }

  /** One that is wrong for one number of columns alone. */
  @Test
  void aRoutineOfOtherColumnsFails() {
    assertFalse(
        SelfCheck.planes(new Routines(c -> PlaneRoutine.of(5, c == 3 ? 2 : c)), 5)); // too few
    assertFalse(SelfCheck.bytes(new Routines(c -> ByteRoutine.of(c == 7 ? 8 : c)))); // too many
  }
}
