package dev.burhan.backendvector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.backend.HostKernels;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class VectorKernelsProviderTest {
  private final VectorKernelsProvider provider = new VectorKernelsProvider();

  private String numerics(Map<String, String> options) {
    try (HostKernels kernels = provider.open(options)) {
      assertTrue(kernels.numerics().batchInvariant());
      return kernels.numerics().id();
    }
  }

  @Test
  void isFoundAsAService() {
    assertTrue(
        ServiceLoader.load(Provider.class).stream()
            .anyMatch(service -> service.type().equals(VectorKernelsProvider.class)));
    assertTrue(provider.probe().usable(), provider.probe().detail());
  }

  @Test
  void numericsNameModeAndWidth() {
    assertEquals("vector-q8-256/4", numerics(Map.of("vector-bits", "256")));
    assertEquals("vector-f32-512/4", numerics(Map.of("activations", "f32", "vector-bits", "512")));
    assertEquals(numerics(Map.of()), numerics(Map.of("activations", "q8")));
    assertNotEquals(numerics(Map.of()), numerics(Map.of("activations", "f32")));
  }

  /** It changes no bits. */
  @Test
  void numericsSayNothingOfMachineCode() {
    assertEquals(numerics(Map.of("machine-code", "auto")), numerics(Map.of("machine-code", "off")));
  }

  @Test
  void optionsThatAreNotUnderstoodAreRefused() {
    assertThrows(UsageException.class, () -> provider.open(Map.of("activations", "q4")));
    assertThrows(UsageException.class, () -> provider.open(Map.of("vector-bits", "64")));
    assertThrows(UsageException.class, () -> provider.open(Map.of("machine-code", "yes")));
    assertThrows(UsageException.class, () -> provider.open(Map.of("colour", "red")));
  }
}
