package dev.burhan.backendblas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Probe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativesTest {
  @TempDir Path cache;

  private Natives here() {
    Natives ofProcess = Natives.ofProcess();
    return new Natives(ofProcess.platform(), ofProcess.version(), cache.resolve("native"));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found.toList();
    }
  }

  @Test
  void theLibraryIsUnpackedOnceAndNothingElseIsLeft() throws IOException {
    Path library = here().unpacked();
    var written = Files.getLastModifiedTime(library);
    assertEquals(library, here().unpacked());
    assertEquals(written, Files.getLastModifiedTime(library));
    assertEquals(List.of(library.getParent()), list(here().cache()));
  }

  @Test
  void aPlatformWithoutALibraryIsUnusableAndSaysWhatToDo() {
    Natives other = new Natives("plan9-mips", "1", cache);
    BlasKernelsProvider provider = new BlasKernelsProvider(other);
    Probe probe = provider.probe();
    assertFalse(probe.usable());
    assertTrue(probe.detail().contains("-Dopenblas.platform=plan9-mips"), probe.detail());
    assertEquals(
        probe.detail(),
        assertThrows(BurhanException.class, () -> provider.open(Map.of())).getMessage());
  }

  @Test
  void aCacheThatCannotBeWrittenIsUnusableAndSaysWhatToDo() throws IOException {
    Path file = Files.writeString(cache.resolve("file"), "not a folder");
    Natives natives = new Natives(here().platform(), here().version(), file);
    Probe probe = new BlasKernelsProvider(natives).probe();
    assertFalse(probe.usable());
    assertTrue(probe.detail().contains("BURHAN_CACHE"), probe.detail());
  }

  @Test
  void aFileThatIsNoLibraryIsRefusedWithTheLoadersReason() throws IOException {
    Path file = Files.writeString(cache.resolve("libopenblas.so.0"), "not a library");
    String message = assertThrows(BurhanException.class, () -> OpenBlas.load(file)).getMessage();
    assertTrue(message.contains("file too short") || message.contains("header"), message);
  }

  @Test
  void platformsAreNamedAsTheirArtefactsAre() {
    assertEquals("linux-x86_64", Natives.platform("Linux", "amd64"));
    assertEquals("linux-arm64", Natives.platform("Linux", "aarch64"));
    assertEquals("macosx-arm64", Natives.platform("Mac OS X", "aarch64"));
    assertEquals("windows-x86_64", Natives.platform("Windows 11", "amd64"));
  }

  /**
   * Loaded by two at once and unloaded by both, again and again: what an update of a bundle does.
   */
  @Test
  void itCanBeLoadedAndUnloadedOftenAndByTwoAtOnce() throws InterruptedException {
    Path library = here().unpacked();
    for (int i = 0; i < 10; i++) {
      try (OpenBlas one = OpenBlas.load(library);
          OpenBlas other = OpenBlas.load(library);
          Arena arena = Arena.ofShared()) {
        Thread thread = new Thread(() -> square(one, arena.allocate(64 * 64 * 8, 64)));
        thread.start();
        square(other, arena.allocate(64 * 64 * 8, 64));
        thread.join();
      }
    }
  }

  private static void square(OpenBlas blas, MemorySegment memory) {
    MemorySegment a = memory.asSlice(0, 64 * 64 * 4).fill((byte) 0);
    MemorySegment c = memory.asSlice(64 * 64 * 4);
    blas.multiply(64, 64, 64, a.address(), 64, a.address(), 64, 0, c.address(), 64);
    assertEquals(-1, c.mismatch(a));
  }
}
