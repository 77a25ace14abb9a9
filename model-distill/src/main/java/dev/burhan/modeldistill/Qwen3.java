package dev.burhan.modeldistill;

import dev.burhan.provider.Provider;
import org.osgi.service.component.annotations.Component;

/** Qwen3 (dense), DeepSeek-R1-0528-Qwen3: query and key heads are normalised (Qwen Team 2025). */
@Component(service = Provider.class)
public final class Qwen3 extends DecoderFamily {
  public Qwen3() {
    super("qwen3");
  }

  @Override
  boolean queryKeyNorm() {
    return true;
  }

  @Override
  boolean slidingWindows() {
    return true;
  }
}
