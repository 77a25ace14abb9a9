package dev.burhan.backendvector;

import dev.burhan.backendtck.BackendConformance;
import dev.burhan.provider.Provider;

class VectorConformanceTest extends BackendConformance {
  @Override
  protected Provider provider() {
    return new VectorKernelsProvider();
  }
}
