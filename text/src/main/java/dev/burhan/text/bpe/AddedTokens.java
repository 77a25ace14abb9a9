package dev.burhan.text.bpe;

import java.util.Arrays;
import java.util.List;

/**
 * Finds the tokens that are recognised in a text as a whole, before it is cut into words: at each
 * place the longest that begins there, from left to right. A trie over UTF-16 units in two int
 * arrays. Immutable and thread-safe.
 */
public final class AddedTokens {

  /**
   * A token that is recognised in texts.
   *
   * @param content what is recognised, not empty
   * @param id its id
   * @param singleWord only where no letter, digit or underscore touches it
   * @param takeLeft whether white space before it is taken with it ({@code lstrip})
   * @param takeRight whether white space after it is taken with it ({@code rstrip})
   */
  public record AddedToken(
      String content, int id, boolean singleWord, boolean takeLeft, boolean takeRight) {
    public AddedToken(String content, int id) {
      this(content, id, false, false, false);
    }
  }

  /** Receives a text's parts in order. */
  interface Parts {
    void text(String text, int from, int to);

    void token(int id);
  }

  private final AddedToken[] tokens; // sorted by content
  // trie: the children of node n are entries firstChild[n] to firstChild[n + 1] of label (sorted)
  // and child
  private final int[] firstChild;
  private final char[] label;
  private final int[] accepts; // by node: index into tokens, or -1

  public AddedTokens(List<AddedToken> recognised) {
    tokens = recognised.toArray(new AddedToken[0]);
    Arrays.sort(tokens, (a, b) -> a.content.compareTo(b.content));
    int characters = 1;
    for (AddedToken token : tokens) {
      characters += token.content.length();
    }
    firstChild = new int[characters + 1];
    label = new char[characters];
    accepts = new int[characters];
    build();
  }

  /**
   * Breadth first, so that the children of a node are neighbours: entry e of label leads to node e
   * + 1.
   */
  private void build() {
    Arrays.fill(accepts, -1);
    int[] from = new int[accepts.length]; // by node: its range of tokens
    int[] to = new int[accepts.length];
    int[] depth = new int[accepts.length];
    to[0] = tokens.length;
    int nodes = 1;
    for (int node = 0; node < nodes; node++) {
      firstChild[node] = nodes - 1;
      int i = from[node];
      while (i < to[node] && tokens[i].content.length() == depth[node]) {
        accepts[node] = i++; // a content listed twice: the last wins
      }
      while (i < to[node]) {
        char c = tokens[i].content.charAt(depth[node]);
        label[nodes - 1] = c;
        from[nodes] = i;
        depth[nodes] = depth[node] + 1;
        while (i < to[node] && tokens[i].content.charAt(depth[node]) == c) {
          i++;
        }
        to[nodes++] = i;
      }
    }
    Arrays.fill(firstChild, nodes, firstChild.length, nodes - 1);
  }

  boolean isEmpty() {
    return tokens.length == 0;
  }

  /**
   * Cuts {@code text[from, to)} into tokens and the texts between them; empty texts are left out.
   */
  void split(String text, int from, int to, Parts out) {
    int done = from;
    int at = from;
    while (at < to) {
      AddedToken token = longestAt(text, at, to);
      if (token == null) {
        at++;
        continue;
      }
      int end = at + token.content.length();
      if (token.singleWord && (wordBefore(text, from, at) || wordAfter(text, end, to))) {
        at = end;
        continue;
      }
      int begin = at;
      while (token.takeLeft && begin > done && isSpace(text.charAt(begin - 1))) {
        begin--;
      }
      while (token.takeRight && end < to && isSpace(text.charAt(end))) {
        end++;
      }
      if (begin > done) {
        out.text(text, done, begin);
      }
      out.token(token.id);
      done = end;
      at = end;
    }
    if (to > done) {
      out.text(text, done, to);
    }
  }

  private AddedToken longestAt(String text, int at, int to) {
    int found = -1;
    int node = 0;
    for (int i = at; i < to; i++) {
      int entry =
          Arrays.binarySearch(label, firstChild[node], firstChild[node + 1], text.charAt(i));
      if (entry < 0) {
        break;
      }
      node = entry + 1;
      if (accepts[node] >= 0) {
        found = accepts[node];
      }
    }
    return found < 0 ? null : tokens[found];
  }

  private static boolean isSpace(char c) {
    return dev.burhan.text.pretokenizer.Characters.isSpace(c);
  }

  private static boolean wordBefore(String text, int from, int at) {
    return at > from && isWord(text.codePointBefore(at));
  }

  private static boolean wordAfter(String text, int end, int to) {
    return end < to && isWord(text.codePointAt(end));
  }

  private static boolean isWord(int point) {
    return Character.isLetterOrDigit(point)
        || point == '_'
        || Character.getType(point) == Character.NON_SPACING_MARK;
  }
}
