package dev.burhan.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/** The methods of str. */
final class StringMethods {
  private StringMethods() {}

  static Object call(String text, String name, Arguments arguments, Run run) {
    run.budget().make(text.length());
    String callee = "str." + name;
    return switch (name) {
      case "strip" ->
          PythonStrings.strip(text, set(arguments.bind(callee, "chars"), 0, text, run), true, true);
      case "lstrip" ->
          PythonStrings.strip(
              text, set(arguments.bind(callee, "chars"), 0, text, run), true, false);
      case "rstrip" ->
          PythonStrings.strip(
              text, set(arguments.bind(callee, "chars"), 0, text, run), false, true);
      case "startswith", "endswith" ->
          beginsOrEnds(text, arguments.bind(callee, "prefix", "start", "end"), name, run);
      case "split" -> split(text, arguments.bind(callee, "sep", "maxsplit"), run.budget());
      case "rsplit" ->
          splitFromRight(text, arguments.bind(callee, "sep", "maxsplit"), run.budget());
      case "splitlines" -> lines(text, arguments.bind(callee, "keepends").truth(0, false));
      case "replace" -> replace(text, arguments.bind(callee, "old", "new", "count"), run);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower", "casefold" -> text.toLowerCase(Locale.ROOT);
      case "title" -> title(text);
      case "capitalize" -> capitalize(text);
      case "swapcase" -> swapCase(text);
      case "join" -> join(text, arguments.bind(callee, "iterable").get(0), run);
      case "find", "index" ->
          position(
              text,
              name,
              PythonStrings.indexOf(
                  text, arguments.bind(callee, "sub").string(0), 0, run.budget()));
      case "rfind", "rindex" ->
          position(
              text,
              name,
              PythonStrings.lastIndexOf(
                  text, arguments.bind(callee, "sub").string(0), text.length(), run.budget()));
      case "count" -> count(text, arguments.bind(callee, "sub").string(0), run.budget());
      case "isdigit", "isnumeric", "isdecimal" -> all(text, Character::isDigit);
      case "isalpha" -> all(text, Character::isLetter);
      case "isalnum" -> all(text, Character::isLetterOrDigit);
      case "isspace" -> all(text, c -> c <= 0xFFFF && PythonStrings.isSpace((char) c));
      case "isupper" -> cased(text, text.toUpperCase(Locale.ROOT));
      case "islower" -> cased(text, text.toLowerCase(Locale.ROOT));
      case "removeprefix" -> {
        String prefix = arguments.bind(callee, "prefix").string(0);
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = arguments.bind(callee, "suffix").string(0);
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "partition", "rpartition" ->
          partition(text, arguments.bind(callee, "sep").string(0), name.equals("partition"), run);
      case "zfill" -> zeros(text, arguments.bind(callee, "width").integer(0, 0), run);
      case "ljust", "rjust", "center" ->
          justify(text, name, arguments.bind(callee, "width", "fillchar"), run);
      default -> Formats.braces(text, arguments, run);
    };
  }

  private static boolean beginsOrEnds(String text, Arguments.Bound given, String name, Run run) {
    Object slice = text;
    if (given.has(1) || given.has(2)) {
      slice = Attributes.slice(text, given.get(1, null), given.get(2, null), null, run);
    }
    String part = (String) slice;
    List<Object> affixes =
        given.get(0) instanceof Tuple tuple
            ? tuple.items()
            : Collections.singletonList(given.string(0));
    for (Object affix : affixes) {
      if (!(affix instanceof String wanted)) {
        throw Values.error("str." + name + " takes a string or a tuple of strings");
      }
      if (name.equals("startswith") ? part.startsWith(wanted) : part.endsWith(wanted)) {
        return true;
      }
    }
    return false;
  }

  /** The characters that a strip removes, or null for white space. */
  static String set(Arguments.Bound given, int i, String text, Run run) {
    String set = given.string(i, null);
    run.budget().look(set == null ? 0 : (long) set.length() * text.length());
    return set;
  }

  private static List<Object> split(String text, Arguments.Bound given, Budget budget) {
    String separator = given.string(0, null);
    int most = given.integer(1, -1);
    if (separator == null) {
      return words(text, most);
    }
    notEmpty(separator);
    var parts = new ArrayList<Object>();
    int from = 0;
    for (int at;
        (most < 0 || parts.size() < most)
            && (at = PythonStrings.indexOf(text, separator, from, budget)) >= 0;
        from = at + separator.length()) {
      parts.add(text.substring(from, at));
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static List<Object> words(String text, int most) {
    var words = new ArrayList<Object>();
    int from = skip(text, 0, true);
    while (from < text.length()) {
      if (most >= 0 && words.size() == most) {
        words.add(text.substring(from));
        break;
      }
      int end = skip(text, from, false);
      words.add(text.substring(from, end));
      from = skip(text, end, true);
    }
    return words;
  }

  private static int skip(String text, int from, boolean space) {
    int i = from;
    while (i < text.length() && PythonStrings.isSpace(text.charAt(i)) == space) {
      i++;
    }
    return i;
  }

  private static List<Object> splitFromRight(String text, Arguments.Bound given, Budget budget) {
    String separator = given.string(0, null);
    int most = given.integer(1, -1);
    if (most < 0) {
      return split(text, given, budget);
    }
    var parts = new ArrayList<Object>(); // the last first
    int end = separator == null ? skipBack(text, text.length(), true) : text.length();
    while (parts.size() < most) {
      int from; // of the part; the text before it ends at rest
      int rest;
      if (separator == null) {
        from = skipBack(text, end, false);
        rest = skipBack(text, from, true);
        if (from == 0) {
          break;
        }
      } else {
        notEmpty(separator);
        rest = PythonStrings.lastIndexOf(text, separator, end, budget);
        if (rest < 0) {
          break;
        }
        from = rest + separator.length();
      }
      parts.add(text.substring(from, end));
      end = rest;
    }
    if (separator != null || end > 0) {
      parts.add(text.substring(0, end));
    }
    Collections.reverse(parts);
    return parts;
  }

  private static int skipBack(String text, int before, boolean space) {
    int i = before;
    while (i > 0 && PythonStrings.isSpace(text.charAt(i - 1)) == space) {
      i--;
    }
    return i;
  }

  private static void notEmpty(String separator) {
    if (separator.isEmpty()) {
      throw Values.error("empty separator");
    }
  }

  private static List<Object> lines(String text, boolean keepEnds) {
    var lines = new ArrayList<Object>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean end =
          (c >= '\n' && c <= '\r')
              || (c >= 0x1C && c <= 0x1E)
              || c == 0x85
              || c == 0x2028
              || c == 0x2029;
      if (end) {
        int stop = i;
        if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
          i++;
        }
        lines.add(text.substring(from, keepEnds ? i + 1 : stop));
        from = i + 1;
      }
    }
    if (from < text.length()) {
      lines.add(text.substring(from));
    }
    return lines;
  }

  static String replace(String text, Arguments.Bound given, Run run) {
    String old = given.string(0);
    String replacement = given.string(1);
    int most = given.integer(2, -1);
    if (most < 0) {
      long found = old.isEmpty() ? text.length() + 1L : (Long) count(text, old, run.budget());
      run.budget().make(found * replacement.length());
    }
    if (most >= 0) {
      run.budget().make((long) Math.min(text.length() + 1, most) * replacement.length());
    }
    var out = new StringBuilder();
    int from = 0;
    for (int n = 0; most < 0 || n < most; n++) {
      // an empty string stands before every character and at the end
      int at =
          old.isEmpty()
              ? (n == 0 ? 0 : from < text.length() ? text.offsetByCodePoints(from, 1) : -1)
              : PythonStrings.indexOf(text, old, from, run.budget());
      if (at < 0) {
        break;
      }
      out.append(text, from, at).append(replacement);
      from = at + old.length();
    }
    return out.append(text, from, text.length()).toString();
  }

  static String join(String separator, Object items, Run run) {
    var out = new StringBuilder();
    String between = "";
    for (Object item : Values.iterate(items, run.budget())) {
      if (!(item instanceof String text)) {
        Values.defined(item);
        throw Values.error("str.join needs strings, found " + Values.typeName(item));
      }
      run.budget().make(text.length() + between.length());
      out.append(between).append(text);
      between = separator;
    }
    return out.toString();
  }

  private static Object position(String text, String name, int at) {
    if (at < 0) {
      if (name.endsWith("index")) {
        throw Values.error("substring not found");
      }
      return -1L;
    }
    return (long) text.codePointCount(0, at);
  }

  private static Object count(String text, String part, Budget budget) {
    if (part.isEmpty()) {
      return (long) PythonStrings.length(text) + 1;
    }
    long count = 0;
    for (int at = PythonStrings.indexOf(text, part, 0, budget);
        at >= 0;
        at = PythonStrings.indexOf(text, part, at + part.length(), budget)) {
      count++;
    }
    return count;
  }

  private static boolean all(String text, IntPredicate test) {
    return !text.isEmpty() && text.codePoints().allMatch(test);
  }

  private static boolean cased(String text, String folded) {
    return text.equals(folded)
        && text.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
  }

  static String title(String text) {
    var out = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return out.toString();
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return Character.toString(Character.toTitleCase(text.codePointAt(0)))
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  private static String swapCase(String text) {
    var out = new StringBuilder();
    text.codePoints()
        .forEach(
            c ->
                out.appendCodePoint(
                    Character.isUpperCase(c)
                        ? Character.toLowerCase(c)
                        : Character.toUpperCase(c)));
    return out.toString();
  }

  private static Tuple partition(String text, String separator, boolean first, Run run) {
    notEmpty(separator);
    int at =
        first
            ? PythonStrings.indexOf(text, separator, 0, run.budget())
            : PythonStrings.lastIndexOf(text, separator, text.length(), run.budget());
    if (at < 0) {
      return first ? Tuple.of(text, "", "") : Tuple.of("", "", text);
    }
    return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }

  private static String zeros(String text, int width, Run run) {
    int missing = Math.max(0, width - PythonStrings.length(text));
    run.budget().make(missing);
    boolean signed = text.startsWith("-") || text.startsWith("+");
    return signed
        ? text.charAt(0) + "0".repeat(missing) + text.substring(1)
        : "0".repeat(missing) + text;
  }

  static String justify(String text, String how, Arguments.Bound given, Run run) {
    int width = given.integer(0, 0);
    int missing = Math.max(0, width - PythonStrings.length(text));
    String fill = given.string(1, " ");
    run.budget().make((long) missing * fill.length());
    int left =
        switch (how) {
          case "ljust" -> 0;
          case "rjust" -> missing;
          default -> missing / 2 + (missing & width & 1);
        };
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }
}
