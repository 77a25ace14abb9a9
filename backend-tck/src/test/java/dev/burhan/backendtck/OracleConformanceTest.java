package dev.burhan.backendtck;

import dev.burhan.kernel.oracle.OracleProvider;
import dev.burhan.provider.Provider;

/** The oracle is compared with itself by op, and with reference outputs as a whole. */
class OracleConformanceTest extends BackendConformance {
  @Override
  protected Provider provider() {
    return new OracleProvider();
  }
}
