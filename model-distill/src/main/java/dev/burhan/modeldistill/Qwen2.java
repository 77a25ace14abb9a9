package dev.burhan.modeldistill;

import dev.burhan.modeldistill.DecoderSettings.Bias;
import dev.burhan.provider.Provider;
import org.osgi.service.component.annotations.Component;

/** Qwen2 and Qwen2.5, DeepSeek-R1-Distill-Qwen (Qwen Team 2024): biases on query, key and value. */
@Component(service = Provider.class)
public final class Qwen2 extends DecoderFamily {
  public Qwen2() {
    super("qwen2");
  }

  @Override
  Bias queryKeyValueBias(Bias told) {
    return Bias.REQUIRED;
  }

  @Override
  Bias outputBias(Bias told) {
    return Bias.NONE;
  }

  @Override
  boolean slidingWindows() {
    return true;
  }
}
