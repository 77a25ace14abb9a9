package dev.burhan.goldentests;

import dev.burhan.backendtck.BackendConformance;
import dev.burhan.backendvector.VectorKernelsProvider;
import dev.burhan.provider.Provider;

/**
 * Here and not in the bundle's own module, which is part of the build that a user's first start
 * makes: that one has no tests.
 */
class VectorConformanceTest extends BackendConformance {
  @Override
  protected Provider provider() {
    return new VectorKernelsProvider();
  }
}
