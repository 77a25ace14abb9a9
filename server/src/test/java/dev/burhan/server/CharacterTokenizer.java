package dev.burhan.server;

import dev.burhan.text.TokenDecoder;
import dev.burhan.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.Set;

/** Every character is its own token. */
record CharacterTokenizer(int size) implements Tokenizer {

  @Override
  public int[] encode(String text, boolean addSpecial) {
    return text.chars().toArray();
  }

  @Override
  public int[] encodePlain(String text) {
    return encode(text, false);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    return new String(ids, 0, ids.length);
  }

  @Override
  public TokenDecoder decoder(boolean skipSpecial) {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] bytes(int id) {
    return piece(id).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String piece(int id) {
    return Character.toString(id);
  }

  @Override
  public OptionalInt id(String piece) {
    return OptionalInt.of(piece.codePointAt(0));
  }

  @Override
  public boolean isSpecial(int id) {
    return false;
  }

  @Override
  public OptionalInt beginOfText() {
    return OptionalInt.empty();
  }

  @Override
  public Set<Integer> endOfGeneration() {
    return Set.of();
  }
}
