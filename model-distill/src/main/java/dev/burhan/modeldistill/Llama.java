package dev.burhan.modeldistill;

import dev.burhan.provider.Provider;
import org.osgi.service.component.annotations.Component;

/**
 * Llama 2 to 3.3 and what shares their graph: DeepSeek-R1-Distill-Llama, SmolLM2 (Touvron et al.
 * 2023; Llama Team 2024).
 */
@Component(service = Provider.class)
public final class Llama extends DecoderFamily {
  public Llama() {
    super("llama");
  }

  @Override
  boolean permutedInGguf() {
    return true;
  }
}
