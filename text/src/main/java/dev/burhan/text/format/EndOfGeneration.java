package dev.burhan.text.format;

import dev.burhan.text.bpe.Vocabulary;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which tokens end an answer. */
final class EndOfGeneration {
  /**
   * Names that end a text or a turn in the families there are. A checkpoint often declares just one
   * of them: a base model's end of text, say, where its chat template ends turns with another.
   */
  private static final List<String> WELL_KNOWN =
      List.of(
          "<|im_end|>",
          "<|eot_id|>",
          "<|eom_id|>",
          "<|end_of_text|>",
          "<|endoftext|>",
          "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
          "<|end|>",
          "<end_of_turn>");

  private EndOfGeneration() {}

  /**
   * The declared ids that exist, and those of well-known names, which count only where they are
   * special tokens.
   */
  static Set<Integer> of(Set<Integer> declared, Vocabulary vocabulary, BitSet special) {
    var ids = new LinkedHashSet<Integer>();
    for (int id : declared) {
      if (vocabulary.has(id)) {
        ids.add(id);
      }
    }
    for (String name : WELL_KNOWN) {
      int id = vocabulary.id(name);
      if (id >= 0 && special.get(id)) {
        ids.add(id);
      }
    }
    return ids;
  }
}
