package dev.burhan.goldentests;

import dev.burhan.backendtck.BackendConformance;
import dev.burhan.backendvector.VectorKernelsProvider;
import dev.burhan.provider.Provider;

/**
 * Here and not in the bundle's own module: a user's first start builds all that the modules of the
 * distribution name, and that should not be more.
 */
class VectorConformanceTest extends BackendConformance {
  @Override
  protected Provider provider() {
    return new VectorKernelsProvider();
  }
}
