package dev.burhan.backendvector;

import dev.burhan.backend.Phase;
import java.util.Locale;

/** Which of the two equal forms of latent attention is computed. */
enum LatentForm {
  /** Expanded for prompt tokens, absorbed for generated ones. */
  AUTO,
  ABSORBED,
  EXPANDED;

  String option() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean expanded(Phase phase) {
    return this == EXPANDED || this == AUTO && phase == Phase.PROMPT;
  }
}
