package dev.burhan.kernel.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.kernel.memory.NativeHostMemory;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void cpuinfoOfX86() {
    Cpu cpu =
        Cpu.fromCpuinfo(
            List.of(
                "processor\t: 0",
                "model name\t: AMD EPYC 9R14",
                "flags\t\t: fpu sse4_2 avx2 fma avx512f avx512_vnni hypervisor",
                "",
                "processor\t: 1",
                "model name\t: AMD EPYC 9R14",
                "flags\t\t: fpu sse4_2 avx2 fma avx512f avx512_vnni hypervisor"));
    assertEquals("AMD EPYC 9R14", cpu.model());
    assertEquals(2, cpu.processors());
    assertEquals(List.of("avx2", "avx512_vnni", "avx512f", "fma", "sse4_2"), cpu.features());
  }

  @Test
  void cpuinfoOfAarch64HasNoModelName() {
    Cpu cpu =
        Cpu.fromCpuinfo(
            List.of("processor : 0", "Features : fp asimd asimddp i8mm", "CPU part : 0xd4f"));
    assertEquals(System.getProperty("os.arch"), cpu.model());
    assertEquals(List.of("asimd", "asimddp", "i8mm"), cpu.features());
  }

  @Test
  void sysctlOfAMac() {
    Cpu cpu =
        Cpu.fromSysctl(
            List.of(
                "machdep.cpu.brand_string: Apple M2",
                "hw.optional.arm.FEAT_DotProd: 1",
                "hw.optional.arm.FEAT_SME: 0",
                "hw.logicalcpu: 8"));
    assertEquals("Apple M2", cpu.model());
    assertEquals(8, cpu.processors());
    assertEquals(List.of("feat_dotprod"), cpu.features());
  }

  @Test
  void systemThatTellsNothingStillHasProcessors() {
    Cpu cpu = Cpu.fromCpuinfo(List.of());
    assertTrue(cpu.processors() > 0);
    assertTrue(cpu.features().isEmpty());
    assertFalse(cpu.model().isEmpty());
  }

  @Test
  void kilobytesAreRead() {
    List<String> lines = List.of("Name:\tjava", "VmHWM:\t    1234 kB");
    assertEquals(OptionalLong.of(1234 * 1024), MachineMemory.kilobytes(lines, "VmHWM"));
    assertEquals(OptionalLong.empty(), MachineMemory.kilobytes(lines, "VmRSS"));
  }

  @Test
  void bandwidthIsMeasuredAndTheMemoryGivenBack() throws InterruptedException {
    NativeHostMemory memory = new NativeHostMemory();
    double bandwidth = ReadBandwidth.measure(memory, 2, 1 << 20);
    assertTrue(bandwidth > 0 && Double.isFinite(bandwidth), "" + bandwidth);
    assertEquals(0, memory.liveBlocks());
  }
}
