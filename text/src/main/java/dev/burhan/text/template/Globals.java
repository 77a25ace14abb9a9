package dev.burhan.text.template;

import java.time.ZonedDateTime;
import java.util.AbstractList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Functions that every template may call: Jinja's own and those that Hugging Face adds. */
final class Globals {
  /** Jinja's sandbox has the same limit. */
  private static final long LONGEST_RANGE = 100_000;

  private static final int LONGEST_RAISED = 1_000;
  private static final int CHARACTERS_PER_FIELD = 32; // a field of a time is costly

  private Globals() {}

  static Map<String, Object> all() {
    var globals = new LinkedHashMap<String, Object>();
    add(globals, "range", (run, arguments) -> range(arguments));
    add(globals, "dict", Globals::dict);
    add(globals, "namespace", Globals::namespace);
    add(globals, "cycler", (run, arguments) -> new Cycler(arguments.positional()));
    add(
        globals,
        "joiner",
        (run, arguments) -> joiner(arguments.bind("joiner", "sep").string(0, ", ")));
    add(globals, "raise_exception", Globals::raise);
    add(globals, "strftime_now", Globals::now);
    return globals;
  }

  private static void add(Map<String, Object> globals, String name, Callable function) {
    globals.put(name, function);
  }

  private static Object raise(Run run, Arguments arguments) {
    String message =
        Printing.string(arguments.bind("raise_exception", "message").get(0), run.budget());
    throw new dev.burhan.text.TemplateException(Values.oneLine(message, LONGEST_RAISED));
  }

  private static Object now(Run run, Arguments arguments) {
    String format = arguments.bind("strftime_now", "format").string(0);
    run.budget().make((long) CHARACTERS_PER_FIELD * format.length());
    return Formats.time(ZonedDateTime.now(run.clock()), format);
  }

  private static Object range(Arguments arguments) {
    List<Object> given = arguments.positional();
    long[] bounds = new long[given.size()];
    for (int i = 0; i < bounds.length; i++) {
      if (!(given.get(i) instanceof Long number)) {
        Values.defined(given.get(i));
        throw Values.error("range needs integers, found " + Values.typeName(given.get(i)));
      }
      bounds[i] = number;
    }
    if (bounds.length < 1 || bounds.length > 3) {
      throw Values.error("range takes one to three integers, found " + bounds.length);
    }
    long start = bounds.length == 1 ? 0 : bounds[0];
    long stop = bounds.length == 1 ? bounds[0] : bounds[1];
    long step = bounds.length == 3 ? bounds[2] : 1;
    if (step == 0) {
      throw Values.error("range: the step can't be zero");
    }
    double length = Math.max(0, Math.ceil(((double) stop - start) / step));
    if (length > LONGEST_RANGE) {
      throw Values.error(
          "a range has at most " + LONGEST_RANGE + " numbers, found " + (long) length);
    }
    return new AbstractList<Object>() {
      @Override
      public Object get(int index) {
        return start + index * step;
      }

      @Override
      public int size() {
        return (int) length;
      }
    };
  }

  private static Object dict(Run run, Arguments arguments) {
    var dict = new LinkedHashMap<Object, Object>();
    for (Object source : arguments.positional()) {
      if (source instanceof Map<?, ?> map) {
        run.budget().make(map.size());
        dict.putAll(map);
      } else {
        for (Object pair : Values.iterate(source, run.budget())) {
          List<Object> both = Values.iterate(pair, run.budget());
          if (both.size() != 2) {
            throw Values.error("dict needs pairs of a key and a value");
          }
          run.budget().make(1);
          dict.put(Values.key(both.get(0), run.budget()), both.get(1));
        }
      }
    }
    dict.putAll(arguments.named());
    return dict;
  }

  private static Object namespace(Run run, Arguments arguments) {
    var namespace = new Namespace();
    ((Map<?, ?>) dict(run, arguments))
        .forEach((name, value) -> namespace.set(Printing.string(name, run.budget()), value));
    return namespace;
  }

  private static Callable joiner(String separator) {
    boolean[] used = {false};
    return (run, arguments) -> {
      String between = used[0] ? separator : "";
      used[0] = true;
      return between;
    };
  }

  private static final class Cycler implements HasAttributes {
    private final List<Object> values;
    private int at;

    Cycler(List<Object> values) {
      if (values.isEmpty()) {
        throw Values.error("cycler needs at least one value");
      }
      this.values = values;
    }

    @Override
    public Object attribute(String name) {
      return switch (name) {
        case "current" -> values.get(at);
        case "next" ->
            (Callable)
                (run, arguments) -> {
                  Object now = values.get(at);
                  at = (at + 1) % values.size();
                  return now;
                };
        case "reset" ->
            (Callable)
                (run, arguments) -> {
                  at = 0;
                  return null;
                };
        default -> Undefined.attribute(this, name);
      };
    }
  }
}
