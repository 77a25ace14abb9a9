package dev.burhan.text;

import java.util.OptionalInt;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/** Text to token ids and back. Immutable and thread-safe. */
@ConsumerType
public interface Tokenizer {

  /** Number of ids: the largest id plus one. */
  int size();

  /**
   * Encodes text in which special tokens are recognised (a rendered chat template).
   *
   * @param addSpecial whether to add what the tokenizer adds around a text by itself (Llama's
   *     begin-of-text)
   */
  int[] encode(String text, boolean addSpecial);

  /**
   * Encodes text as plain characters: what looks like a special token is spelt out. For text that
   * is not trusted.
   */
  int[] encodePlain(String text);

  /**
   * Decodes ids; bytes that are no UTF-8 become U+FFFD.
   *
   * @param skipSpecial whether special tokens are left out
   * @throws dev.burhan.provider.UsageException for an id out of range
   */
  String decode(int[] ids, boolean skipSpecial);

  /** Decodes a stream of ids; see {@link TokenDecoder}. */
  TokenDecoder decoder(boolean skipSpecial);

  /** The bytes that a token stands for: possibly a part of a UTF-8 character. */
  byte[] bytes(int id);

  /** The token as the vocabulary spells it (byte-level characters for byte-level BPE). */
  String piece(int id);

  /** The id of a vocabulary entry in the vocabulary's own spelling, special tokens included. */
  OptionalInt id(String piece);

  /**
   * Whether the token controls the model rather than being text; left out when decoding with {@code
   * skipSpecial}.
   */
  boolean isSpecial(int id);

  OptionalInt beginOfText();

  /** The ids that end an answer: end of text, end of turn, and what generation_config.json adds. */
  Set<Integer> endOfGeneration();
}
