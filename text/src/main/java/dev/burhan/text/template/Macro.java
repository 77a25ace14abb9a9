package dev.burhan.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A macro that can be called: it sees the variables of the place where it is defined, and its call
 * is the text it prints.
 *
 * @param definition as it is written
 * @param home where it is defined
 */
record Macro(MacroDefinition definition, Scope home) implements Callable, HasAttributes {

  @Override
  public Object call(Run run, Arguments arguments) {
    run.budget().enter(definition.name());
    try {
      Scope scope = home.inner();
      bind(arguments, scope);
      return run.capture(definition.body(), scope);
    } finally {
      run.budget().leave();
    }
  }

  private void bind(Arguments arguments, Scope scope) {
    List<String> parameters = definition.parameters();
    List<Object> positional = arguments.positional();
    Map<String, Object> named = new LinkedHashMap<>(arguments.named());
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      Expression otherwise = definition.defaults().get(i);
      if (i < positional.size()) {
        scope.set(name, positional.get(i));
      } else if (named.containsKey(name)) {
        scope.set(name, named.remove(name));
      } else if (otherwise != null) {
        scope.set(name, otherwise.evaluate(scope));
      } else {
        scope.set(
            name,
            new Undefined(
                "the argument '" + name + "' of '" + definition.name() + "' was not given"));
      }
    }
    Object caller =
        named.containsKey("caller") ? named.remove("caller") : new Undefined("there is no caller");
    scope.set("caller", caller);
    scope.set("varargs", new Tuple(rest(positional, parameters.size())));
    scope.set("kwargs", new LinkedHashMap<Object, Object>(named));
  }

  private static List<Object> rest(List<Object> positional, int from) {
    return from >= positional.size()
        ? List.of()
        : new ArrayList<>(positional.subList(from, positional.size()));
  }

  @Override
  public Object attribute(String name) {
    return name.equals("name") ? definition.name() : Undefined.attribute(this, name);
  }
}
