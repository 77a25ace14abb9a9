package dev.burhan.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Filters on lists, dicts and whatever else can be gone through. */
final class SequenceFilters {
  private SequenceFilters() {}

  static Object apply(String name, Arguments arguments, Run run) {
    return switch (name) {
      case "join" -> join(arguments.bind(name, "value", "d", "attribute"), run);
      case "list" -> new ArrayList<>(items(arguments.bind(name, "value").get(0), run));
      case "items" -> pairs(arguments.bind(name, "value").get(0), run);
      case "first" -> edge(items(arguments.bind(name, "seq").get(0), run), true);
      case "last" -> edge(items(arguments.bind(name, "seq").get(0), run), false);
      case "reverse" -> reverse(arguments.bind(name, "value").get(0), run);
      case "sort" ->
          sort(arguments.bind(name, "value", "reverse", "case_sensitive", "attribute"), run);
      case "dictsort" ->
          sortDict(arguments.bind(name, "value", "case_sensitive", "by", "reverse"), run);
      case "unique" -> unique(arguments.bind(name, "value", "case_sensitive", "attribute"), run);
      case "min", "max" ->
          extreme(name, arguments.bind(name, "value", "case_sensitive", "attribute"), run);
      case "sum" -> sum(arguments.bind(name, "iterable", "attribute", "start"), run);
      case "map" -> map(arguments, run);
      case "select", "reject" -> choose(arguments, name.equals("select"), run);
      case "selectattr", "rejectattr" ->
          chooseByAttribute(arguments, name.equals("selectattr"), run);
      case "batch" -> batch(arguments.bind(name, "value", "linecount", "fill_with"), run);
      case "groupby" ->
          group(arguments.bind(name, "value", "attribute", "default", "case_sensitive"), run);
      default -> throw Values.error("there is no filter '" + name + "'");
    };
  }

  private static List<Object> items(Object value, Run run) {
    List<Object> items = Values.iterate(value, run.budget());
    run.budget().make(items.size());
    return items;
  }

  /**
   * The filters that go through their input lazily in Jinja take none, or any other false value,
   * for an empty list.
   */
  private static List<Object> itemsIfAny(Object value, Run run) {
    return Values.truth(value) ? items(value, run) : List.of();
  }

  private static String join(Arguments.Bound given, Run run) {
    String separator = Printing.string(given.get(1, ""), run.budget());
    var out = new StringBuilder();
    String between = "";
    for (Object item : items(given.get(0), run)) {
      String text =
          Printing.string(given.has(2) ? path(item, given.get(2), run) : item, run.budget());
      run.budget().make(text.length() + separator.length());
      out.append(between).append(text);
      between = separator;
    }
    return out.toString();
  }

  private static Object pairs(Object value, Run run) {
    if (value instanceof Undefined) {
      return List.of();
    }
    if (value instanceof Map<?, ?> map) {
      return Methods.items(map, run);
    }
    throw Values.error("items needs a mapping, found " + Values.typeName(value));
  }

  private static Object edge(List<Object> items, boolean first) {
    if (items.isEmpty()) {
      return new Undefined(
          "the sequence is empty, it has no " + (first ? "first" : "last") + " element");
    }
    return first ? items.getFirst() : items.getLast();
  }

  private static Object reverse(Object value, Run run) {
    if (value instanceof String text) {
      run.budget().make(text.length());
      return new StringBuilder(text).reverse().toString();
    }
    var reversed = new ArrayList<>(items(value, run));
    Collections.reverse(reversed);
    return reversed;
  }

  /**
   * Follows a dotted path of attributes and indices, as the argument {@code attribute} of many
   * filters.
   */
  private static Object path(Object item, Object path, Run run) {
    if (!(path instanceof String names)) {
      return Attributes.item(item, path, run);
    }
    Object at = item;
    run.budget().make(names.length());
    for (String name : names.split("\\.")) {
      boolean index =
          !name.isEmpty() && name.length() < 10 && name.chars().allMatch(c -> c >= '0' && c <= '9');
      // an attribute that is missing on the way is undefined, as in Jinja, not an error
      at =
          at instanceof Undefined
              ? at
              : Attributes.item(at, index ? (Object) Long.parseLong(name) : name, run);
    }
    return at;
  }

  private static Object key(Object item, Object attribute, boolean caseSensitive, Run run) {
    Object key = attribute == null ? item : path(item, attribute, run);
    if (caseSensitive || !(key instanceof String text)) {
      return key;
    }
    run.budget().look(text.length());
    return text.toLowerCase(Locale.ROOT);
  }

  private static Comparator<Object> order(
      Object attribute, boolean caseSensitive, boolean reverse, Run run) {
    Comparator<Object> order =
        (a, b) ->
            Values.compare(
                key(a, attribute, caseSensitive, run),
                key(b, attribute, caseSensitive, run),
                run.budget());
    return reverse ? order.reversed() : order;
  }

  private static Object sort(Arguments.Bound given, Run run) {
    var sorted = new ArrayList<>(items(given.get(0), run));
    sorted.sort(order(given.get(3, null), given.truth(2, false), given.truth(1, false), run));
    return sorted;
  }

  private static Object sortDict(Arguments.Bound given, Run run) {
    if (!(given.get(0) instanceof Map<?, ?> map)) {
      throw Values.error("dictsort needs a mapping, found " + Values.typeName(given.get(0)));
    }
    Object by = given.string(2, "key").equals("value") ? 1L : 0L;
    var sorted = new ArrayList<>(Methods.items(map, run));
    sorted.sort(order(by, given.truth(1, false), given.truth(3, false), run));
    return sorted;
  }

  private static Object unique(Arguments.Bound given, Run run) {
    var seen = new LinkedHashMap<Object, Object>();
    for (Object item : items(given.get(0), run)) {
      Object key = key(item, given.get(2, null), given.truth(1, false), run);
      seen.putIfAbsent(Values.key(key, run.budget()), item);
    }
    return new ArrayList<>(seen.values());
  }

  private static Object extreme(String name, Arguments.Bound given, Run run) {
    var order = order(given.get(2, null), given.truth(1, false), name.equals("max"), run);
    return items(given.get(0), run).stream()
        .min(order)
        .orElseGet(() -> new Undefined("the sequence is empty"));
  }

  private static Object sum(Arguments.Bound given, Run run) {
    Object sum = given.get(2, 0L);
    for (Object item : items(given.get(0), run)) {
      sum =
          Operators.apply(
              "+", sum, given.get(1, null) == null ? item : path(item, given.get(1), run), run);
    }
    return sum;
  }

  private static Object map(Arguments arguments, Run run) {
    var mapped = new ArrayList<Object>();
    List<Object> given = arguments.positional();
    List<Object> items = itemsIfAny(given.getFirst(), run);
    if (given.size() == 1 && arguments.named().containsKey("attribute")) {
      Object attribute = arguments.named().get("attribute");
      for (Object item : items) {
        Object value = path(item, attribute, run);
        boolean missing = value instanceof Undefined && arguments.named().containsKey("default");
        mapped.add(missing ? arguments.named().get("default") : value);
      }
      return mapped;
    }
    String filter = name("map", given);
    for (Object item : items) {
      mapped.add(
          Filters.apply(filter, on(item, given.subList(2, given.size()), arguments.named()), run));
    }
    return mapped;
  }

  private static Arguments on(Object item, List<Object> rest, Map<String, Object> named) {
    var positional = new ArrayList<Object>();
    positional.add(item);
    positional.addAll(rest);
    return new Arguments(positional, named);
  }

  private static String name(String filter, List<Object> given) {
    if (given.size() > 1 && given.get(1) instanceof String name) {
      return name;
    }
    throw Values.error(filter + " needs a name as its first argument");
  }

  private static Object choose(Arguments arguments, boolean wanted, Run run) {
    List<Object> given = arguments.positional();
    var chosen = new ArrayList<Object>();
    for (Object item : itemsIfAny(given.getFirst(), run)) {
      boolean passes =
          given.size() == 1
              ? Values.truth(item)
              : Tests.check(name("select", given), item, rest(given, 2, arguments), run);
      if (passes == wanted) {
        chosen.add(item);
      }
    }
    return chosen;
  }

  private static Object chooseByAttribute(Arguments arguments, boolean wanted, Run run) {
    List<Object> given = arguments.positional();
    if (given.size() < 2) {
      throw Values.error("selectattr and rejectattr need the attribute's name");
    }
    var chosen = new ArrayList<Object>();
    for (Object item : itemsIfAny(given.getFirst(), run)) {
      Object value = path(item, given.get(1), run);
      boolean passes =
          given.size() == 2
              ? Values.truth(value)
              : Tests.check(
                  Printing.string(given.get(2), run.budget()),
                  value,
                  rest(given, 3, arguments),
                  run);
      if (passes == wanted) {
        chosen.add(item);
      }
    }
    return chosen;
  }

  private static Arguments rest(List<Object> given, int from, Arguments arguments) {
    return new Arguments(given.subList(from, given.size()), arguments.named());
  }

  private static Object batch(Arguments.Bound given, Run run) {
    int size = Math.max(1, given.integer(1, 1));
    var batches = new ArrayList<Object>();
    List<Object> items = items(given.get(0), run);
    for (int from = 0; from < items.size(); from += size) {
      var batch = new ArrayList<>(items.subList(from, Math.min(items.size(), from + size)));
      if (given.get(2, null) != null) {
        run.budget().make(size);
        while (batch.size() < size) {
          batch.add(given.get(2));
        }
      }
      batches.add(batch);
    }
    return batches;
  }

  private static Object group(Arguments.Bound given, Run run) {
    var sorted = new ArrayList<>(items(given.get(0), run));
    sorted.sort(order(given.get(1), given.truth(3, false), false, run));
    var groups = new LinkedHashMap<Object, List<Object>>();
    for (Object item : sorted) {
      Object key = Values.key(key(item, given.get(1), given.truth(3, false), run), run.budget());
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(item);
    }
    var pairs = new ArrayList<Object>();
    groups.forEach((key, group) -> pairs.add(Tuple.of(key, group)));
    return pairs;
  }
}
