package dev.burhan.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/** Damages of a chat template: tags moved and lost, and expressions that ask for too much. */
final class TemplateDamage {
  private static final Pattern TAGS =
      Pattern.compile("(?<=[%}]\\})|(?=\\{[%{])"); // before and after each tag
  private static final Pattern WORDS =
      Pattern.compile("(?<=[^A-Za-z0-9_])(?=[A-Za-z0-9_'])|(?<=[A-Za-z0-9_'])(?=[^A-Za-z0-9_'])");
  private static final String[] ATOMS = {
    "messages",
    "tools",
    "loop",
    "namespace()",
    "none",
    "true",
    "false",
    "undefined_name",
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "1.5",
    "1e308",
    "99999",
    "100000",
    "999999999",
    "2147483647",
    "9223372036854775807",
    "9".repeat(400),
    "''",
    "'a'",
    "'ab'",
    "' a b\\n c '",
    "'\u00e9\ud83d\ude00'",
    "[]",
    "[1]",
    "['a', 'b']",
    "[3, 'x', none]",
    "(1, 2)",
    "(1,)",
    "()",
    "{}",
    "{'a': 1, 'role': 'b'}",
    "{1: [2]}",
    "range(3)",
    "range(99999)",
    "range(5, 0, -2)",
    "'x' * 90000",
    "('a' * 40000 ~ 'b')",
    "['x'] * 9999",
    "('a b ' * 9000)",
    "cycler(1, 2)",
    "joiner()",
    "dict(a=1)",
    "messages[0]",
    "messages[0].content",
    "messages[-1]['role']",
    "bos_token",
    "range",
    "strftime_now('%Y %c')",
    "messages[0].items()",
    "(1, [2], {'k': 'v'})"
  };
  private static final String[] FORMATS = {
    "'%s'", "'%d'", "'%5.2f'", "'%+s'", "'%-05d'", "'% #x'", "'%#r'", "'%.s'", "'%5.3.2f'", "'%-s'",
    "'%--5s'", "'%(role)s'", "'%%'", "'%'", "'%(role'", "'%99s'", "'%+ d'", "'%x'", "'%i'", "'%-r'",
    "'%0.0f'", "'%c'"
  };
  private static final String[] FILLINGS = {
    "'x'",
    "1",
    "(1,)",
    "1.5",
    "none",
    "messages[0]",
    "(1, 2)",
    "-7",
    "[]",
    "2 ** 80",
    "true",
    "x",
    "1e400"
  };
  private static final String[] TEXTS = {
    "''", "'a'", "' a b\\n c '", "'ab' * 9000", "('a' * 40000 ~ 'b')", "'a' * 90000",
    "messages[0].content", "'\u00e9\ud83d\ude00'", "'\\ud83d'", "'{}'", "'{0}{a}'", "('%d' * 9)",
    "none", "'role'", "'-7'", "(' x' * 40000)"
  };
  private static final String[] LISTS = {
    "messages",
    "[3, 1, 2]",
    "['b', 'A', 'a']",
    "[1, 'x', none]",
    "range(9999)",
    "[[1, 2], [3, 4]]",
    "[(1, 2)]",
    "['x' * 9000] * 900",
    "messages[0]",
    "{'b': 1, 'a': [2]}",
    "tools",
    "[]",
    "'text'",
    "[range(999)] * 999",
    "[1e308, 2 ** 90]"
  };
  private static final String[] OPERATORS = {
    "+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in",
    "and", "or"
  };
  private static final String[] FILTERS = {
    "default",
    "d",
    "tojson",
    "string",
    "safe",
    "trim",
    "upper",
    "lower",
    "title",
    "capitalize",
    "replace",
    "indent",
    "center",
    "format",
    "truncate",
    "escape",
    "e",
    "wordcount",
    "int",
    "float",
    "abs",
    "round",
    "length",
    "count",
    "attr",
    "pprint",
    "join",
    "list",
    "items",
    "first",
    "last",
    "reverse",
    "sort",
    "dictsort",
    "unique",
    "min",
    "max",
    "sum",
    "map",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "batch",
    "groupby"
  };
  private static final String[] NAMES = {
    "indent",
    "separators",
    "sort_keys",
    "ensure_ascii",
    "attribute",
    "default",
    "case_sensitive",
    "reverse",
    "by",
    "width",
    "base",
    "precision",
    "method",
    "start",
    "boolean",
    "first",
    "length",
    "end"
  };
  private static final String[] METHODS = {
    "strip",
    "lstrip",
    "rstrip",
    "startswith",
    "endswith",
    "split",
    "rsplit",
    "splitlines",
    "replace",
    "upper",
    "title",
    "capitalize",
    "swapcase",
    "join",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "isdigit",
    "isspace",
    "isupper",
    "removeprefix",
    "removesuffix",
    "partition",
    "rpartition",
    "zfill",
    "ljust",
    "center",
    "format",
    "items",
    "keys",
    "values",
    "get",
    "copy",
    "pop",
    "append",
    "cycle",
    "changed",
    "next",
    "previtem",
    "role",
    "content",
    "tool_calls"
  };
  private static final String[] TESTS = {
    "defined", "undefined", "none", "boolean", "true", "integer", "float", "number", "string",
    "mapping", "sequence", "iterable", "callable", "sameas", "escaped", "lower", "upper", "odd",
    "even", "divisibleby", "in", "eq", "ne", "lt", "ge"
  };
  private static final String[] BOMBS = {
    "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}",
    "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}"
        + "{{ ns.l }}",
    "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}",
    "{% macro m(x) %}{{ caller() }}{% endmacro %}{% call m(1) %}{{ m(2) }}{% endcall %}",
    "{% for x in [[1, [2, [3]]]] recursive %}{{ loop(x) }}{% endfor %}",
    "{% for x in messages recursive %}{{ loop(messages) }}{% endfor %}",
    "{% set x %}{% for m in messages %}{{ m }}{% endfor %}{% endset %}{{ x * 1000 }}",
    "{% filter upper | indent(1000) %}{{ messages }}{% endfilter %}",
    "{% set ns = namespace() %}{% set ns.self = ns %}{{ ns.self }}{{ ns.self.self == ns }}",
    "{% raw %}{{ {% endraw %}",
    "{# a #}{% with a = messages, b = 2 %}{{ a[b] }}{% endwith %}",
    "{% for k, v in messages[0].items() %}{{ loop.cycle(k, v) }}{{ loop.changed(v) }}{% endfor %}",
    "{% for a in messages if a.role == 'x' %}{% break %}{% else %}none{% endfor %}",
    "{{ messages | tojson(separators=['x' * 9000, 1]) }}",
    "{% for i in range(999) %}{{ 'a b ' * 9000 == 'a b ' * 9000 }}{% endfor %}"
  };
  private static final String LETTERS = "{}%#-+'\"\\()[]|.,:= \n\r\0\ud800\u00e9~x9";

  private final List<String> templates;
  private final Random random;

  TemplateDamage(List<String> templates, Random random) {
    this.templates = templates;
    this.random = random;
  }

  private String one(String[] of) {
    return of[random.nextInt(of.length)];
  }

  /** A template with one to three damages, or an expression that no template has. */
  String template() {
    String template = templates.get(random.nextInt(templates.size()));
    List<String> pieces = new ArrayList<>(List.of(TAGS.split(template)));
    int damages = 1 + random.nextInt(3);
    for (int i = 0; i < damages; i++) {
      damage(pieces);
    }
    String damaged = String.join("", pieces);
    return switch (random.nextInt(12)) {
      case 0 -> blind(damaged);
      case 1 -> "{{ " + nested() + " }}";
      case 2, 3 -> "{{ " + expression(5) + " }}{% set x = " + expression(4) + " %}{{ x }}";
      default -> damaged;
    };
  }

  private void damage(List<String> pieces) {
    int at = random.nextInt(pieces.size());
    switch (random.nextInt(16)) {
      case 0 -> pieces.remove(at);
      case 1 -> pieces.add(at, pieces.get(random.nextInt(pieces.size())));
      case 2 -> {
        String other = templates.get(random.nextInt(templates.size()));
        pieces.add(at, one(TAGS.split(other)));
      }
      case 3, 4 -> pieces.add(at, one(BOMBS));
      case 5, 6, 7 -> pieces.add(at, "{{ " + expression(4) + " }}");
      case 8 -> pieces.add(at, "{% set messages = " + expression(2) + " %}");
      case 9 -> {
        pieces.addFirst("{% for i in " + expression(2) + " %}");
        pieces.add("{% endfor %}");
      }
      default -> pieces.set(at, changed(pieces.get(at)));
    }
    if (pieces.isEmpty()) {
      pieces.add("");
    }
  }

  /** A tag with one of its words replaced. */
  private String changed(String piece) {
    if (!piece.startsWith("{")) {
      return piece + "\n{{ " + expression(3) + " }}";
    }
    String[] words = WORDS.split(piece);
    int at = random.nextInt(words.length);
    if (Character.isLetterOrDigit(words[at].charAt(0)) && at > 2) {
      words[at] = "(" + expression(2) + ")";
    }
    return String.join("", words);
  }

  private String expression(int depth) {
    if (depth == 0 || random.nextInt(8) == 0) {
      return one(ATOMS);
    }
    return switch (random.nextInt(12)) {
      case 0, 1 -> "(" + sub(depth) + " " + one(OPERATORS) + " " + sub(depth) + ")";
      case 2 -> "(" + sub(depth) + ") | " + one(FILTERS) + arguments(depth);
      case 3 -> "(" + sub(depth) + ")." + one(METHODS) + arguments(depth);
      case 4 -> "(" + sub(depth) + " is " + one(TESTS) + arguments(depth) + ")";
      case 5 -> "(" + sub(depth) + ")[" + sub(depth) + ":" + one(ATOMS) + ":" + one(ATOMS) + "]";
      case 6 -> "(" + sub(depth) + ")[" + sub(depth) + "]";
      case 7 -> "(" + one(ATOMS) + " if " + sub(depth) + " else " + sub(depth) + ")";
      case 8 -> "(" + one(FORMATS) + " % " + one(FILLINGS) + ")";
      case 9, 10 -> "(" + one(TEXTS) + ")." + one(METHODS) + typed(one(TEXTS));
      default -> "(" + one(LISTS) + ") | " + one(FILTERS) + typed(one(TEXTS));
    };
  }

  private String sub(int depth) {
    return expression(depth - 1);
  }

  private String typed(String argument) {
    return switch (random.nextInt(4)) {
      case 0 -> "()";
      case 1 -> "(" + argument + ", 3)";
      case 2 -> "(" + argument + ", " + one(TEXTS) + ")";
      default -> "(" + argument + ")";
    };
  }

  private String arguments(int depth) {
    int count = random.nextInt(4);
    if (count == 3) {
      return "(" + one(NAMES) + "=" + sub(depth) + ")";
    }
    var all = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      all.add(sub(depth));
    }
    return "(" + String.join(", ", all) + ")";
  }

  private String nested() {
    int depth = 1 << random.nextInt(16);
    String[] open = {"(", "[", "{'a': ", "not ", "-", "x(", "'a' ~ ", "1 if 1 else "};
    String[] close = {")", "]", "}", "", "", ")", "", ""};
    int kind = random.nextInt(open.length);
    return open[kind].repeat(depth) + "1" + close[kind].repeat(random.nextBoolean() ? depth : 0);
  }

  private String blind(String text) {
    var damaged = new StringBuilder(text);
    for (int i = random.nextInt(4); i >= 0 && !damaged.isEmpty(); i--) {
      char c = LETTERS.charAt(random.nextInt(LETTERS.length()));
      int at = random.nextInt(damaged.length());
      switch (random.nextInt(4)) {
        case 0 -> damaged.setCharAt(at, c);
        case 1 -> damaged.insert(at, c);
        case 2 -> damaged.deleteCharAt(at);
        default -> damaged.setLength(at);
      }
    }
    return damaged.toString();
  }
}
