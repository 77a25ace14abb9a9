package dev.burhan.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An expression of a template. Each kind evaluates itself: a switch over kinds would cost more at
 * the start than it says.
 */
sealed interface Expression {

  Object evaluate(Scope scope);

  /** A value written in the template. */
  record Constant(Object value) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return value;
    }
  }

  /** A variable. */
  record Name(String name) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return scope.get(name);
    }
  }

  /** A list, or a tuple. */
  record Items(List<Expression> items, boolean tuple) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      scope.run().budget().make(items.size());
      var values = new ArrayList<Object>(items.size());
      for (Expression item : items) {
        values.add(item.evaluate(scope));
      }
      return tuple ? new Tuple(values) : values;
    }
  }

  /** A dict: keys and values in turn. */
  record Entries(List<Expression> keysAndValues) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      scope.run().budget().make(keysAndValues.size());
      var map = new LinkedHashMap<Object, Object>();
      for (int i = 0; i < keysAndValues.size(); i += 2) {
        map.put(
            Values.key(keysAndValues.get(i).evaluate(scope), scope.run().budget()),
            keysAndValues.get(i + 1).evaluate(scope));
      }
      return map;
    }
  }

  /** {@code object.name}. */
  record Attribute(Expression object, String name) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      scope.run().budget().step();
      return Attributes.attribute(object.evaluate(scope), name, scope.run());
    }
  }

  /** {@code object[key]}. */
  record Item(Expression object, Expression key) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      scope.run().budget().step();
      return Attributes.item(object.evaluate(scope), key.evaluate(scope), scope.run());
    }
  }

  /** {@code object[start:stop:step]}; what is left out is the constant none. */
  record Slice(Expression object, Expression start, Expression stop, Expression step)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      scope.run().budget().step();
      return Attributes.slice(
          object.evaluate(scope),
          start.evaluate(scope),
          stop.evaluate(scope),
          step.evaluate(scope),
          scope.run());
    }
  }

  /**
   * The arguments of a call.
   *
   * @param positional in order
   * @param named by name
   * @param list what {@code *} unpacks, or null
   * @param map what {@code **} unpacks, or null
   */
  record Given(
      List<Expression> positional, Map<String, Expression> named, Expression list, Expression map) {
    static final Given NOTHING = new Given(List.of(), Map.of(), null, null);

    Arguments evaluate(Scope scope) {
      return evaluate(null, false, scope);
    }

    /** The same with a value before the positional ones: a filter's input. */
    Arguments evaluateAfter(Object first, Scope scope) {
      return evaluate(first, true, scope);
    }

    private Arguments evaluate(Object first, boolean hasFirst, Scope scope) {
      scope.run().budget().step();
      var values = new ArrayList<Object>(positional.size() + 1);
      if (hasFirst) {
        values.add(first);
      }
      for (Expression argument : positional) {
        values.add(argument.evaluate(scope));
      }
      if (list != null) {
        List<Object> unpacked = Values.iterate(list.evaluate(scope), scope.run().budget());
        scope.run().budget().make(unpacked.size());
        values.addAll(unpacked);
      }
      if (named.isEmpty() && map == null) {
        return new Arguments(values, Map.of());
      }
      var byName = new LinkedHashMap<String, Object>();
      named.forEach((name, argument) -> byName.put(name, argument.evaluate(scope)));
      if (map != null) {
        if (!(map.evaluate(scope) instanceof Map<?, ?> unpacked)) {
          throw Values.error("what follows ** should be a mapping");
        }
        scope.run().budget().make(unpacked.size());
        unpacked.forEach((name, value) -> byName.put(String.valueOf(name), value));
      }
      return new Arguments(values, byName);
    }
  }

  /** {@code function(...)}. */
  record Call(Expression function, Given arguments) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object callee = Values.defined(function.evaluate(scope));
      if (!(callee instanceof Callable callable)) {
        throw Values.error("a '" + Values.typeName(callee) + "' object is not callable");
      }
      return callable.call(scope.run(), arguments.evaluate(scope));
    }
  }

  /** {@code value | name(...)}. The value of a filter block is what its body printed. */
  record Filter(Expression value, String name, Given arguments) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Filters.apply(
          name, arguments.evaluateAfter(value.evaluate(scope), scope), scope.run());
    }
  }

  /** {@code value is name(...)}. */
  record Test(Expression value, String name, Given arguments) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Tests.check(name, value.evaluate(scope), arguments.evaluate(scope), scope.run());
    }
  }

  /** Arithmetic. */
  record Binary(String operator, Expression left, Expression right) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      scope.run().budget().step();
      return Operators.apply(operator, left.evaluate(scope), right.evaluate(scope), scope.run());
    }
  }

  /** {@code -value} or {@code +value}. */
  record Signed(boolean minus, Expression value) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object number = Values.defined(value.evaluate(scope));
      if (!Numbers.isNumber(number)) {
        throw Values.error("a sign needs a number, found " + Values.typeName(number));
      }
      return minus ? Numbers.negate(number) : number;
    }
  }

  /** {@code a ~ b ~ c}. */
  record Concatenation(List<Expression> parts) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Budget budget = scope.run().budget();
      var out = new StringBuilder();
      for (Expression part : parts) {
        budget.step();
        String text = Printing.string(part.evaluate(scope), budget);
        budget.make(text.length());
        out.append(text);
      }
      return out.toString();
    }
  }

  /** {@code a < b <= c}: operands between operators, each evaluated once. */
  record Comparison(Expression first, List<String> operators, List<Expression> operands)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object left = first.evaluate(scope);
      for (int i = 0; i < operands.size(); i++) {
        Object right = operands.get(i).evaluate(scope);
        if (!holds(operators.get(i), left, right, scope.run().budget())) {
          return false;
        }
        left = right;
      }
      return true;
    }

    private static boolean holds(String operator, Object left, Object right, Budget budget) {
      budget.step();
      return switch (operator) {
        case "==" -> Values.equal(left, right, budget);
        case "!=" -> !Values.equal(left, right, budget);
        case "<" -> Values.compare(left, right, budget) < 0;
        case "<=" -> Values.compare(left, right, budget) <= 0;
        case ">" -> Values.compare(left, right, budget) > 0;
        case ">=" -> Values.compare(left, right, budget) >= 0;
        case "in" -> Values.contains(right, left, budget);
        default -> !Values.contains(right, left, budget);
      };
    }
  }

  /** {@code a and b} or {@code a or b}: the value of the operand that decides. */
  record Logical(boolean and, Expression left, Expression right) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      Object value = left.evaluate(scope);
      return Values.truth(value) == and ? right.evaluate(scope) : value;
    }
  }

  /** {@code not value}. */
  record Not(Expression value) implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return !Values.truth(value.evaluate(scope));
    }
  }

  /** {@code value if test else otherwise}. */
  record Conditional(Expression test, Expression value, Expression otherwise)
      implements Expression {
    @Override
    public Object evaluate(Scope scope) {
      return Values.truth(test.evaluate(scope)) ? value.evaluate(scope) : otherwise.evaluate(scope);
    }
  }
}
