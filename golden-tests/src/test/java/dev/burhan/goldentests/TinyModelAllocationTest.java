package dev.burhan.goldentests;

import org.junit.jupiter.api.Test;

/** See {@link Allocation}. */
class TinyModelAllocationTest extends Allocation {
  @Test
  void aStepAllocatesNothing() throws Exception {
    measure("qwen2_tied", References.folder().resolve("models/qwen2_tied/f32").toString());
  }
}
