package dev.burhan.backendblas;

import dev.burhan.backend.HostKernels;
import dev.burhan.backend.HostKernelsProvider;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Probe;
import dev.burhan.provider.Provider;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * The host kernels {@code blas}: products of prompt tokens on OpenBLAS, beside a library that has
 * all else.
 *
 * <p>Its rank is below {@code vector}'s, since products there are as fast as this processor's
 * arithmetic allows; docs/backends.md has the measurement. It is not measured at start: a choice
 * that hangs on a measurement between near equals would be another one now and then, and with it
 * the bits of all answers.
 */
@Component(service = Provider.class)
public final class BlasKernelsProvider implements HostKernelsProvider {
  private static final int RANK = 50;

  private final Natives natives;
  private volatile Probe found; // once it is known

  public BlasKernelsProvider() {
    this(Natives.ofProcess());
  }

  BlasKernelsProvider(Natives natives) {
    this.natives = natives;
  }

  @Override
  public String name() {
    return "blas";
  }

  @Override
  public int rank() {
    return RANK;
  }

  @Override
  public boolean partial() {
    return true;
  }

  /** Unpacks and loads the library on a machine's first call, and afterwards looks for it only. */
  @Override
  public Probe probe() {
    Probe known = found;
    if (known == null) {
      try {
        natives.unpacked();
        known =
            Probe.ready(
                "OpenBLAS "
                    + natives.version()
                    + " for prompts, the rest by others; OPENBLAS_CORETYPE "
                    + Optional.ofNullable(System.getenv("OPENBLAS_CORETYPE")).orElse("is not set"));
      } catch (BurhanException e) {
        known = Probe.unusable(e.getMessage());
      }
      found = known;
    }
    return known;
  }

  /**
   * Opens the library.
   *
   * @param options not looked at: the products of this library know one way, and the library beside
   *     it refuses what nobody understands
   */
  @Override
  public HostKernels open(Map<String, String> options) {
    return new BlasKernels(OpenBlas.load(natives.unpacked()));
  }
}
