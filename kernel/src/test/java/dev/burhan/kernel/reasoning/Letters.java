package dev.burhan.kernel.reasoning;

import dev.burhan.text.TokenDecoder;
import dev.burhan.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** Each character is a token, and some words have one of their own. Token 0 ends an answer. */
public final class Letters implements Tokenizer {
  private static final int FIRST_WORD = 65_536;

  private final List<String> words;

  public Letters(String... words) {
    this.words = List.of(words);
  }

  @Override
  public int size() {
    return FIRST_WORD + words.size();
  }

  @Override
  public int[] encode(String text, boolean addSpecial) {
    for (int i = 0; i < words.size(); i++) {
      int at = text.indexOf(words.get(i));
      if (at >= 0) {
        int[] before = encode(text.substring(0, at), false);
        int[] after = encode(text.substring(at + words.get(i).length()), false);
        int[] all = Arrays.copyOf(before, before.length + 1 + after.length);
        all[before.length] = FIRST_WORD + i;
        System.arraycopy(after, 0, all, before.length + 1, after.length);
        return all;
      }
    }
    return encodePlain(text);
  }

  @Override
  public int[] encodePlain(String text) {
    return text.chars().toArray();
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    return Arrays.stream(ids).mapToObj(this::piece).collect(Collectors.joining());
  }

  @Override
  public TokenDecoder decoder(boolean skipSpecial) {
    return new TokenDecoder() {
      @Override
      public String next(int id) {
        return piece(id);
      }

      @Override
      public String end() {
        return "";
      }
    };
  }

  @Override
  public byte[] bytes(int id) {
    return piece(id).getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  @Override
  public String piece(int id) {
    return id < FIRST_WORD ? String.valueOf((char) id) : words.get(id - FIRST_WORD);
  }

  @Override
  public OptionalInt id(String piece) {
    int word = words.indexOf(piece);
    return word < 0 ? OptionalInt.empty() : OptionalInt.of(FIRST_WORD + word);
  }

  @Override
  public boolean isSpecial(int id) {
    return id >= FIRST_WORD;
  }

  @Override
  public OptionalInt beginOfText() {
    return OptionalInt.empty();
  }

  @Override
  public Set<Integer> endOfGeneration() {
    return Set.of(0);
  }
}
