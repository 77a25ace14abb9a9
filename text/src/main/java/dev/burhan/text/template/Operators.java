package dev.burhan.text.template;

import java.util.ArrayList;
import java.util.List;

/** Binary operators on all types. */
final class Operators {
  private Operators() {}

  static Object apply(String operator, Object a, Object b, Run run) {
    if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
      run.budget().look(Numbers.bits(a) + Numbers.bits(b));
      return switch (operator) {
        case "+" -> Numbers.add(a, b);
        case "-" -> Numbers.subtract(a, b);
        case "*" -> Numbers.multiply(a, b);
        case "/" -> Numbers.divide(a, b);
        case "//" -> Numbers.floorDivide(a, b);
        case "%" -> Numbers.modulo(a, b);
        default -> Numbers.power(a, b);
      };
    }
    Object result =
        switch (operator) {
          case "+" -> add(a, b, run.budget());
          case "*" ->
              b instanceof Long times
                  ? repeat(a, times, run.budget())
                  : a instanceof Long t ? repeat(b, t, run.budget()) : null;
          case "%" -> a instanceof String format ? Formats.percent(format, b, run) : null;
          default -> null;
        };
    if (result == null) {
      Values.defined(a);
      Values.defined(b);
      throw Values.error(
          "'"
              + operator
              + "' does not take '"
              + Values.typeName(a)
              + "' and '"
              + Values.typeName(b)
              + "'");
    }
    return result;
  }

  private static Object add(Object a, Object b, Budget budget) {
    if (a instanceof String left && b instanceof String right) {
      budget.make(left.length() + right.length());
      return left.concat(right);
    }
    if (a instanceof List<?> left && b instanceof List<?> right) {
      return joined(left, right, budget);
    }
    if (a instanceof Tuple left && b instanceof Tuple right) {
      return new Tuple(joined(left.items(), right.items(), budget));
    }
    return null;
  }

  private static List<Object> joined(List<?> left, List<?> right, Budget budget) {
    budget.make(left.size() + right.size());
    var all = new ArrayList<Object>(left);
    all.addAll(right);
    return all;
  }

  private static Object repeat(Object value, long wanted, Budget budget) {
    long times = Math.max(0, wanted);
    if (times > Integer.MAX_VALUE) {
      budget.make(Long.MAX_VALUE / 2);
    }
    return switch (value) {
      case String text -> {
        budget.make(text.length() * times);
        yield text.repeat((int) times);
      }
      case List<?> list -> repeated(list, times, budget);
      case Tuple tuple -> new Tuple(repeated(tuple.items(), times, budget));
      case null, default -> null;
    };
  }

  private static List<Object> repeated(List<?> list, long times, Budget budget) {
    budget.make(list.size() * times);
    var all = new ArrayList<Object>();
    for (long i = 0; i < times && !list.isEmpty(); i++) {
      all.addAll(list);
    }
    return all;
  }
}
