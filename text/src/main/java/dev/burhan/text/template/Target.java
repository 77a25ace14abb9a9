package dev.burhan.text.template;

import java.util.List;

/** What a value can be assigned to. */
sealed interface Target {

  void assign(Object value, Scope scope);

  /** A variable. */
  record Variable(String name) implements Target {
    @Override
    public void assign(Object value, Scope scope) {
      scope.set(name, value);
    }
  }

  /** An attribute of a namespace. */
  record Member(String namespace, String name) implements Target {
    @Override
    public void assign(Object value, Scope scope) {
      if (!(scope.get(namespace) instanceof Namespace found)) {
        throw Values.error(
            "'"
                + namespace
                + "."
                + name
                + "' can't be set: '"
                + namespace
                + "' is not a namespace");
      }
      found.set(name, value);
    }
  }

  /** Several targets, which share a sequence out. */
  record Several(List<Target> targets) implements Target {
    @Override
    public void assign(Object value, Scope scope) {
      List<Object> values = Values.iterate(value, scope.run().budget());
      if (values.size() != targets.size()) {
        throw Values.error(
            "expected " + targets.size() + " values to unpack, found " + values.size());
      }
      for (int i = 0; i < values.size(); i++) {
        targets.get(i).assign(values.get(i), scope);
      }
    }
  }
}
