package dev.burhan.goldentests;

import dev.burhan.backendblas.BlasKernelsProvider;
import dev.burhan.backendtck.BackendConformance;
import dev.burhan.provider.Provider;

/** As it is deployed: joined by {@code vector}, which is on the class path. */
class BlasConformanceTest extends BackendConformance {
  @Override
  protected Provider provider() {
    return new BlasKernelsProvider();
  }
}
