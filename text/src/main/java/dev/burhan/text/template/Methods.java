package dev.burhan.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Methods of str, dict, list and tuple that do not change their object; the others are refused as
 * in Jinja's sandbox.
 */
final class Methods {
  private static final Set<String> OF_STRINGS =
      Set.of(
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
          "lower",
          "title",
          "capitalize",
          "swapcase",
          "casefold",
          "join",
          "find",
          "rfind",
          "index",
          "rindex",
          "count",
          "isdigit",
          "isnumeric",
          "isdecimal",
          "isalpha",
          "isalnum",
          "isspace",
          "isupper",
          "islower",
          "removeprefix",
          "removesuffix",
          "partition",
          "rpartition",
          "zfill",
          "ljust",
          "rjust",
          "center",
          "format");
  private static final Set<String> OF_DICTS =
      Set.of(
          "items",
          "keys",
          "values",
          "get",
          "copy",
          "pop",
          "popitem",
          "clear",
          "update",
          "setdefault");
  private static final Set<String> OF_LISTS =
      Set.of(
          "index", "count", "append", "extend", "insert", "pop", "remove", "clear", "sort",
          "reverse", "copy");

  private Methods() {}

  static boolean has(Object object, String name) {
    return switch (object) {
      case String text -> OF_STRINGS.contains(name);
      case Map<?, ?> map -> OF_DICTS.contains(name);
      case List<?> list -> OF_LISTS.contains(name);
      case Tuple tuple -> name.equals("index") || name.equals("count");
      case null, default -> false;
    };
  }

  static Object call(Object object, String name, Arguments arguments, Run run) {
    return switch (object) {
      case String text -> StringMethods.call(text, name, arguments, run);
      case Map<?, ?> map -> ofDict(map, name, arguments, run);
      case Tuple tuple -> ofList(tuple, tuple.items(), name, arguments, run);
      default -> ofList(object, (List<?>) object, name, arguments, run);
    };
  }

  private static Object ofDict(Map<?, ?> map, String name, Arguments arguments, Run run) {
    switch (name) {
      case "items" -> {
        return items(map, run);
      }
      case "keys" -> {
        run.budget().make(map.size());
        return new ArrayList<Object>(map.keySet());
      }
      case "values" -> {
        run.budget().make(map.size());
        return new ArrayList<Object>(map.values());
      }
      case "copy" -> {
        return map;
      }
      case "get" -> {
        var given = arguments.bind("dict.get", "key", "default");
        Object key = Values.key(given.get(0), run.budget());
        return map.containsKey(key) ? map.get(key) : given.get(1, null);
      }
      default -> throw changes("dict", name);
    }
  }

  static List<Object> items(Map<?, ?> map, Run run) {
    run.budget().make(2L * map.size());
    var items = new ArrayList<Object>(map.size());
    map.forEach((key, value) -> items.add(Tuple.of(key, value)));
    return items;
  }

  private static Object ofList(
      Object object, List<?> list, String name, Arguments arguments, Run run) {
    switch (name) {
      case "count" -> {
        Object wanted = arguments.bind("count", "value").get(0);
        return list.stream().filter(item -> Values.equal(item, wanted, run.budget())).count();
      }
      case "index" -> {
        Object wanted = arguments.bind("index", "value").get(0);
        for (int i = 0; i < list.size(); i++) {
          if (Values.equal(list.get(i), wanted, run.budget())) {
            return (long) i;
          }
        }
        throw Values.error(
            Printing.repr(wanted, run.budget()) + " is not in the " + Values.typeName(object));
      }
      case "copy" -> {
        return list;
      }
      default -> throw changes("list", name);
    }
  }

  private static dev.burhan.text.TemplateException changes(String type, String name) {
    return Values.error("'" + type + "." + name + "' would change a value; templates may not");
  }
}
