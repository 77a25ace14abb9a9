package dev.burhan.text.template;

import java.util.HashMap;
import java.util.Map;

/** Variables: assignments go to this scope, look-ups go outwards from it. */
final class Scope {
  private final Scope outer;
  private final Run run;
  private final Map<String, Object> variables;

  private Scope(Scope outer, Run run, Map<String, Object> variables) {
    this.outer = outer;
    this.run = run;
    this.variables = variables;
  }

  static Scope root(Run run, Map<String, Object> variables) {
    return new Scope(null, run, new HashMap<>(variables));
  }

  Scope inner() {
    return new Scope(this, run, new HashMap<>());
  }

  Run run() {
    return run;
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.variables.get(name);
      if (value != null || scope.variables.containsKey(name)) {
        return value;
      }
    }
    return Undefined.variable(name);
  }
}
