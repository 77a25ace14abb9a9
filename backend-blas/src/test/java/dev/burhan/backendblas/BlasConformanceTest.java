package dev.burhan.backendblas;

import dev.burhan.backendtck.BackendConformance;
import dev.burhan.provider.Provider;

/** As it is deployed: joined by {@code vector}, which is on the class path of the tests. */
class BlasConformanceTest extends BackendConformance {
  @Override
  protected Provider provider() {
    return new BlasKernelsProvider();
  }
}
