package dev.burhan.kernel.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.model.ModelArchitecture;
import dev.burhan.model.ModelGraph;
import dev.burhan.policy.ContentPolicy;
import dev.burhan.policy.PolicyRequest;
import dev.burhan.policy.PolicySession;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Probe;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProviderRegistryTest {
  private record Family(String name, int rank, Probe probe) implements ModelArchitecture {
    Family(String name, int rank) {
      this(name, rank, Probe.ready());
    }

    @Override
    public List<String> architectures() {
      return List.of(name);
    }

    @Override
    public ModelGraph graph(dev.burhan.checkpoint.Checkpoint checkpoint) {
      throw new AssertionError("not called");
    }
  }

  private static final class FailingProbe implements ContentPolicy {
    @Override
    public String name() {
      return "failing";
    }

    @Override
    public Probe probe() {
      throw new IllegalStateException("no driver");
    }

    @Override
    public PolicySession begin(PolicyRequest request) {
      throw new AssertionError("not called");
    }
  }

  private final ProviderRegistry registry = new ProviderRegistry();

  private List<String> names() {
    return registry.providers(ModelArchitecture.class).stream().map(Provider::name).toList();
  }

  @Test
  void usableProvidersComeFirstThenByRankThenByName() {
    registry.add(new Family("b", 0));
    registry.add(new Family("broken", 1000, Probe.unusable("no device")));
    registry.add(new Family("a", 0));
    registry.add(new Family("best", 7));
    registry.add(new FailingProbe()); // another kind
    assertEquals(List.of("best", "a", "b", "broken"), names());
  }

  @Test
  void theExtremesOfRankAreOrderedToo() {
    registry.add(new Family("least", Integer.MIN_VALUE));
    registry.add(new Family("most", Integer.MAX_VALUE));
    registry.add(new Family("middle", 0));
    assertEquals(List.of("most", "middle", "least"), names());
  }

  @Test
  void providersComeAndGo() {
    Family family = new Family("a", 0);
    registry.add(family);
    registry.add(new Family("b", 0));
    registry.remove(family);
    assertEquals(List.of("b"), names());
  }

  @Test
  void aMissingNameIsAnErrorThatListsTheOthers() {
    registry.add(new Family("llama", 0));
    UsageException error =
        assertThrows(
            UsageException.class,
            () -> registry.provider(ModelArchitecture.class, "model architecture", "lama"));
    assertTrue(error.getMessage().contains("'lama'") && error.getMessage().contains("llama"));
    assertTrue(
        assertThrows(
                UsageException.class,
                () -> registry.provider(ContentPolicy.class, "content policy", "x"))
            .getMessage()
            .contains("bundle installed"));
  }

  @Test
  void aNamedProviderThatIsUnusableIsAnErrorThatSaysWhy() {
    registry.add(new Family("broken", 0, Probe.unusable("no device")));
    BurhanException error =
        assertThrows(
            BurhanException.class,
            () -> registry.provider(ModelArchitecture.class, "model architecture", "broken"));
    assertTrue(error.getMessage().contains("no device"), error.getMessage());
  }

  @Test
  void aProbeThatFailsMakesItsProviderUnusableAndNoOther() {
    FailingProbe failing = new FailingProbe();
    registry.add(failing);
    assertSame(failing, registry.providers(ContentPolicy.class).getFirst());
    assertTrue(ProviderRegistry.probe(failing).detail().contains("no driver"));
  }
}
