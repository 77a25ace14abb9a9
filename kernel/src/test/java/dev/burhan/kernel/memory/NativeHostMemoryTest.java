package dev.burhan.kernel.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.provider.BurhanException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeHostMemoryTest {

  /** The system the tests run on, and one for which no mapping is known. */
  private static NativeHostMemory on(String system) {
    return system.equals("this") ? new NativeHostMemory() : new NativeHostMemory(system);
  }

  @ParameterizedTest
  @ValueSource(strings = {"this", "another"})
  void blocksAreZeroedAlignedAndWritable(String system) {
    NativeHostMemory memory = on(system);
    MemorySegment block = memory.map(3 << 20);
    assertEquals(3 << 20, block.byteSize());
    assertEquals(0, block.address() % 4096);
    assertEquals(0, block.get(JAVA_BYTE, 0));
    assertEquals(0, block.get(JAVA_BYTE, (3 << 20) - 1));
    block.set(JAVA_BYTE, (3 << 20) - 1, (byte) 7);
    assertEquals(7, block.get(JAVA_BYTE, (3 << 20) - 1));
    assertEquals(3 << 20, memory.liveBytes());
    memory.unmap(block);
    assertEquals(0, memory.liveBlocks());
  }

  @ParameterizedTest
  @ValueSource(strings = {"this", "another"})
  void unmapRefusesWhatItDidNotGive(String system) {
    NativeHostMemory memory = on(system);
    MemorySegment block = memory.map(8192);
    MemorySegment part = block.asSlice(0, 4096);
    assertThrows(IllegalArgumentException.class, () -> memory.unmap(part));
    MemorySegment inside = block.asSlice(4096);
    assertThrows(IllegalArgumentException.class, () -> memory.unmap(inside));
    memory.unmap(block);
    assertThrows(IllegalArgumentException.class, () -> memory.unmap(block));
    assertThrows(IllegalArgumentException.class, () -> memory.map(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"this", "another"})
  void noRoomIsAnErrorThatSaysHowMuchWasWanted(String system) {
    NativeHostMemory memory = on(system);
    BurhanException e = assertThrows(BurhanException.class, () -> memory.map(1L << 52));
    assertTrue(e.getMessage().contains("" + (1L << 52)), e.getMessage());
    assertEquals(0, memory.liveBlocks());
  }
}
