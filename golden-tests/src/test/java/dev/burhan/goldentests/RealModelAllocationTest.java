package dev.burhan.goldentests;

import org.junit.jupiter.api.Test;

/** See {@link Allocation}. */
class RealModelAllocationTest extends Allocation {
  @Test
  void aStepAllocatesNothing() throws Exception {
    measure("SmolLM2", References.model("smollm2/SmolLM2-135M-Instruct-Q4_1.gguf").toString());
  }
}
