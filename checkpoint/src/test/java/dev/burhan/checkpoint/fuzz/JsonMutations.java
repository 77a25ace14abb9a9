package dev.burhan.checkpoint.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Damages of a JSON document that know what a value is: nearly all of them are JSON still, so that
 * what reads the document is reached and not only its parser.
 */
public final class JsonMutations {
  private static final String[] SCALARS = {
    "0",
    "-1",
    "1",
    "2",
    "3",
    "0.5",
    "-0",
    "1e999",
    "-1e308",
    "1e-320",
    "NaN",
    "Infinity",
    "null",
    "true",
    "false",
    "\"\"",
    "[]",
    "{}",
    "\"null\"",
    "2147483647",
    "2147483648",
    "4294967296",
    "65536",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999999999",
    "[0]",
    "[null]",
    "[[]]",
    "[{}]",
    "{\"a\":{\"b\":[1,{\"c\":2}]}}",
    "1e5",
    "16384",
    "1048576",
    "-2147483648"
  };
  private static final String[] LETTERS = {
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\\n",
    "\\\\",
    "\\\"",
    "\\u2028",
    "\\u202e",
    "/",
    "..",
    " ",
    "  ",
    "\u00e9",
    "\ud83d\ude00",
    ".",
    "a",
    "\\u0120",
    "\\",
    "\\x",
    "\\u12",
    "%s",
    "{"
  };
  private static final byte[][] NO_UTF8 = {
    {(byte) 0xff}, {(byte) 0xc0, (byte) 0x80}, {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
    {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}, {(byte) 0xe2, (byte) 0x82}, {0}
  };
  private static final int[] DEPTHS = {2, 7, 31, 32, 33, 200, 999, 1_000, 1_001, 20_000};

  /** A value, or the key of a member where {@code key} is not -1. */
  private record Span(int from, int to, int key, int depth) {}

  private final byte[] document;
  private final List<Span> spans = new ArrayList<>();
  private int at;

  /** A document that is valid JSON. */
  public JsonMutations(byte[] document) {
    this.document = document.clone();
    value(-1, 0);
  }

  public int size() {
    return document.length;
  }

  /** The document with one to three damages; one in eight is blind. */
  public byte[] mutate(Random random) {
    return mutate(random, new String[0]);
  }

  /**
   * The same.
   *
   * @param values what this document may hold that is worth trying
   */
  public byte[] mutate(Random random, String... values) {
    if (random.nextInt(8) == 0) {
      int[] anywhere = {random.nextInt(document.length), random.nextInt(document.length)};
      return Mutations.mutate(document, document.length, anywhere, random);
    }
    var chosen = new ArrayList<Span>();
    int damages = 1 + random.nextInt(3);
    for (int i = 0; i < damages; i++) {
      chosen.add(any(random));
    }
    chosen.sort(Comparator.comparingInt(Span::from).reversed());
    byte[] bytes = document;
    int border = document.length + 1; // of what is unchanged still
    for (Span span : chosen) {
      if (span.to < border) {
        bytes = damage(bytes, span, random, values);
        border = span.key >= 0 ? span.key : span.from;
      }
    }
    return bytes;
  }

  /** A value; every second time within a member of the root that is chosen first. */
  private Span any(Random random) {
    Span any = spans.get(random.nextInt(spans.size()));
    List<Span> roots = spans.stream().filter(span -> span.depth == 1).toList();
    if (random.nextBoolean() || roots.isEmpty()) {
      return any;
    }
    Span root = roots.get(random.nextInt(roots.size()));
    List<Span> within =
        spans.stream().filter(span -> span.from >= root.from && span.to <= root.to).toList();
    return within.get(random.nextInt(within.size()));
  }

  private byte[] damage(byte[] bytes, Span span, Random random, String[] values) {
    byte[] value = Arrays.copyOfRange(document, span.from, span.to);
    boolean member = span.key >= 0;
    return switch (random.nextInt(14)) {
      case 0, 1 -> replaced(bytes, span.from, span.to, near(value, random));
      case 2 -> replaced(bytes, span.from, span.to, utf8(SCALARS[random.nextInt(SCALARS.length)]));
      case 3 -> replaced(bytes, span.from, span.to, another(random));
      case 4 -> replaced(bytes, span.from, span.to, nested(value, random));
      case 5 -> replaced(bytes, span.from, span.to, repeated(value, random));
      case 6 -> without(bytes, member ? span.key : span.from, span.to);
      case 7 -> {
        int from = member ? span.key : span.from;
        byte[] again = join(Arrays.copyOfRange(document, from, span.to), utf8(","));
        yield replaced(bytes, from, from, again);
      }
      case 8 -> member ? renamed(bytes, span, random) : replaced(bytes, span.from, span.to, value);
      case 9, 10, 11 ->
          values.length == 0
              ? replaced(bytes, span.from, span.to, near(value, random))
              : replaced(bytes, span.from, span.to, utf8(values[random.nextInt(values.length)]));
      default -> replaced(bytes, span.from, span.to, near(value, random));
    };
  }

  /** A value of the same kind that differs a little, or is extreme. */
  private byte[] near(byte[] value, Random random) {
    String text = new String(value, StandardCharsets.UTF_8);
    if (value[0] == '"') {
      return string(value, random);
    }
    try {
      long number = Long.parseLong(text);
      return utf8(
          switch (random.nextInt(6)) {
            case 0 -> Long.toString(number + 1);
            case 1 -> Long.toString(number - 1);
            case 2 -> Long.toString(number * 2);
            case 3 -> Long.toString(number / 2);
            case 4 -> number + ".0";
            default -> SCALARS[random.nextInt(SCALARS.length)];
          });
    } catch (NumberFormatException e) {
      return utf8(SCALARS[random.nextInt(SCALARS.length)]);
    }
  }

  private byte[] string(byte[] quoted, Random random) {
    int middle = 1 + random.nextInt(quoted.length - 1);
    byte[] piece =
        random.nextInt(6) == 0
            ? NO_UTF8[random.nextInt(NO_UTF8.length)]
            : utf8(LETTERS[random.nextInt(LETTERS.length)]);
    if (random.nextInt(10) == 0) {
      piece = utf8("x".repeat(1 << random.nextInt(14)));
    }
    return join(
        Arrays.copyOf(quoted, middle), piece, Arrays.copyOfRange(quoted, middle, quoted.length));
  }

  private byte[] another(Random random) {
    Span span = spans.get(random.nextInt(spans.size()));
    int longest = 4_096;
    return span.to - span.from > longest
        ? utf8("null")
        : Arrays.copyOfRange(document, span.from, span.to);
  }

  private static byte[] nested(byte[] value, Random random) {
    int depth = DEPTHS[random.nextInt(DEPTHS.length)];
    boolean list = random.nextBoolean();
    return join(
        utf8((list ? "[" : "{\"a\":").repeat(depth)),
        value,
        utf8((list ? "]" : "}").repeat(depth)));
  }

  private static byte[] repeated(byte[] value, Random random) {
    int times = Math.min(1 << random.nextInt(14), 65_536 / value.length + 2);
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      out.write(i == 0 ? '[' : ',');
      out.writeBytes(value);
    }
    out.write(']');
    return out.toByteArray();
  }

  private byte[] renamed(byte[] bytes, Span span, Random random) {
    Span other = spans.get(random.nextInt(spans.size()));
    byte[] name =
        other.key < 0 ? utf8("\"\"") : Arrays.copyOfRange(document, other.key, end(other.key));
    return replaced(bytes, span.key, end(span.key), name);
  }

  /** Removes a member or element with one of the commas beside it. */
  private byte[] without(byte[] bytes, int from, int to) {
    int after = to;
    while (after < document.length && Character.isWhitespace(document[after])) {
      after++;
    }
    if (after < document.length && document[after] == ',') {
      return replaced(bytes, from, after + 1, new byte[0]);
    }
    int before = from;
    while (before > 0 && Character.isWhitespace(document[before - 1])) {
      before--;
    }
    boolean comma = before > 0 && document[before - 1] == ',';
    return replaced(bytes, comma ? before - 1 : from, to, new byte[0]);
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
    return join(Arrays.copyOf(bytes, from), by, Arrays.copyOfRange(bytes, to, bytes.length));
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void value(int key, int depth) {
    space();
    int from = at;
    switch (document[at]) {
      case '{', '[' -> {
        boolean object = document[at++] == '{';
        space();
        while (document[at] != '}' && document[at] != ']') {
          int name = object ? at : -1;
          if (object) {
            at = end(at);
            space();
            at++; // the colon
          }
          value(name, depth + 1);
          space();
          at += document[at] == ',' ? 1 : 0;
          space();
        }
        at++;
      }
      case '"' -> at = end(at);
      default -> {
        while (at < document.length && ",]} \n\r\t".indexOf(document[at]) < 0) {
          at++;
        }
      }
    }
    if (depth > 0) {
      spans.add(new Span(from, at, key, depth));
    }
  }

  /** Behind the string that begins here. */
  private int end(int quote) {
    int i = quote + 1;
    while (document[i] != '"') {
      i += document[i] == '\\' ? 2 : 1;
    }
    return i + 1;
  }

  private void space() {
    while (at < document.length && Character.isWhitespace(document[at])) {
      at++;
    }
  }
}
