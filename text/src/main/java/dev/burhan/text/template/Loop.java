package dev.burhan.text.template;

import java.util.List;

/** The variable {@code loop} within a loop. */
final class Loop implements HasAttributes, Callable {
  private final List<Object> items;
  private final int depth;
  private final Callable again; // of a recursive loop, else null
  private int index;
  private Object lastChanged = this; // equals nothing a template has

  Loop(List<Object> items, int depth, Callable again) {
    this.items = items;
    this.depth = depth;
    this.again = again;
  }

  void at(int index) {
    this.index = index;
  }

  int depth() {
    return depth;
  }

  @Override
  public Object attribute(String name) {
    return switch (name) {
      case "index" -> (long) index + 1;
      case "index0" -> (long) index;
      case "revindex" -> (long) items.size() - index;
      case "revindex0" -> (long) items.size() - index - 1;
      case "first" -> index == 0;
      case "last" -> index == items.size() - 1;
      case "length" -> (long) items.size();
      case "depth" -> (long) depth + 1;
      case "depth0" -> (long) depth;
      case "previtem" ->
          index > 0 ? items.get(index - 1) : new Undefined("there is no previous item");
      case "nextitem" ->
          index + 1 < items.size() ? items.get(index + 1) : new Undefined("there is no next item");
      case "cycle" -> (Callable) (run, arguments) -> cycle(arguments);
      case "changed" -> (Callable) this::changed;
      default -> Undefined.attribute(this, name);
    };
  }

  private Object cycle(Arguments arguments) {
    List<Object> values = arguments.positional();
    if (values.isEmpty()) {
      throw Values.error("loop.cycle needs at least one argument");
    }
    return values.get(index % values.size());
  }

  private Object changed(Run run, Arguments arguments) {
    var now = new Tuple(arguments.positional());
    boolean changed = !Values.equal(lastChanged, now, run.budget());
    lastChanged = now;
    return changed;
  }

  @Override
  public Object call(Run run, Arguments arguments) {
    if (again == null) {
      throw Values.error("loop(...) is for a loop marked 'recursive'");
    }
    return again.call(run, arguments);
  }
}
