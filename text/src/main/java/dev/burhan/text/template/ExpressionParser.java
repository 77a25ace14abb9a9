package dev.burhan.text.template;

import dev.burhan.text.template.Expression.Given;
import dev.burhan.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/** Expressions, by descent through Jinja's levels of precedence. */
final class ExpressionParser {
  private static final Expression NONE = new Expression.Constant(null);
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** One expression, or several with commas between, which are a tuple. */
  Expression tuple(boolean conditional) {
    var items = new ArrayList<Expression>();
    boolean comma = false;
    do {
      if (endsTuple()) {
        break;
      }
      items.add(conditional ? expression() : or());
      comma = tokens.current().isOperator(",");
    } while (tokens.skipOperator(","));
    if (items.isEmpty()) {
      throw tokens.unexpected("an expression");
    }
    return items.size() == 1 && !comma ? items.getFirst() : new Expression.Items(items, true);
  }

  private boolean endsTuple() {
    Token token = tokens.current();
    return token.is(Kind.VARIABLE_END)
        || token.is(Kind.BLOCK_END)
        || token.isOperator(")")
        || token.isName("if")
        || token.isName("recursive");
  }

  Expression expression() {
    tokens.enter();
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression test = or();
      Expression otherwise =
          tokens.skipName("else")
              ? expression()
              : new Expression.Constant(new Undefined("an inline if without else was false"));
      value = new Expression.Conditional(test, value, otherwise);
    }
    tokens.leave();
    return value;
  }

  Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      left = new Expression.Logical(false, left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      left = new Expression.Logical(true, left, not());
    }
    return left;
  }

  private Expression not() {
    if (!tokens.skipName("not")) {
      return comparison();
    }
    tokens.enter();
    Expression value = new Expression.Not(not());
    tokens.leave();
    return value;
  }

  private Expression comparison() {
    Expression first = sum();
    var operators = new ArrayList<String>();
    var operands = new ArrayList<Expression>();
    while (true) {
      Token token = tokens.current();
      if (token.is(Kind.OPERATOR) && COMPARISONS.contains(token.text())) {
        operators.add(tokens.next().text());
      } else if (tokens.skipName("in")) {
        operators.add("in");
      } else if (token.isName("not") && tokens.following().isName("in")) {
        tokens.next();
        tokens.next();
        operators.add("not in");
      } else {
        return operands.isEmpty() ? first : new Expression.Comparison(first, operators, operands);
      }
      operands.add(sum());
    }
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
      String operator = tokens.next().text();
      left = new Expression.Binary(operator, left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression first = product();
    if (!tokens.current().isOperator("~")) {
      return first;
    }
    var parts = new ArrayList<>(List.of(first));
    while (tokens.skipOperator("~")) {
      parts.add(product());
    }
    return new Expression.Concatenation(parts);
  }

  private Expression product() {
    Expression left = power();
    while (isOneOf("*", "/", "//", "%")) {
      String operator = tokens.next().text();
      left = new Expression.Binary(operator, left, power());
    }
    return left;
  }

  private boolean isOneOf(String... operators) {
    for (String operator : operators) {
      if (tokens.current().isOperator(operator)) {
        return true;
      }
    }
    return false;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.skipOperator("**")) {
      left = new Expression.Binary("**", left, unary(true));
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    tokens.enter();
    Expression value;
    if (tokens.skipOperator("-")) {
      value = new Expression.Signed(true, unary(false));
    } else if (tokens.skipOperator("+")) {
      value = new Expression.Signed(false, unary(false));
    } else {
      value = primary();
    }
    value = postfix(value);
    value = withFilters ? filtersAndTests(value) : value;
    tokens.leave();
    return value;
  }

  private Expression primary() {
    Token token = tokens.current();
    switch (token.kind()) {
      case NAME -> {
        tokens.next();
        return switch (token.text()) {
          case "true", "True" -> new Expression.Constant(true);
          case "false", "False" -> new Expression.Constant(false);
          case "none", "None" -> NONE;
          default -> new Expression.Name(token.text());
        };
      }
      case STRING -> {
        var text = new StringBuilder();
        while (tokens.current().is(Kind.STRING)) { // neighbours are one string, as in Python
          text.append(tokens.next().text());
        }
        return new Expression.Constant(text.toString());
      }
      case INTEGER -> {
        return new Expression.Constant(Numbers.parse(tokens.next().text()));
      }
      case FLOAT -> {
        return new Expression.Constant(Double.parseDouble(tokens.next().text()));
      }
      default -> {
        return bracketed();
      }
    }
  }

  private Expression bracketed() {
    if (tokens.skipOperator("(")) {
      if (tokens.skipOperator(")")) {
        return new Expression.Items(List.of(), true);
      }
      Expression inner = tuple(true);
      tokens.expectOperator(")");
      return inner;
    }
    if (tokens.skipOperator("[")) {
      var items = new ArrayList<Expression>();
      while (!tokens.skipOperator("]")) {
        comma(items.isEmpty());
        if (tokens.skipOperator("]")) {
          break;
        }
        items.add(expression());
      }
      return new Expression.Items(items, false);
    }
    if (tokens.skipOperator("{")) {
      var entries = new ArrayList<Expression>();
      while (!tokens.skipOperator("}")) {
        comma(entries.isEmpty());
        if (tokens.skipOperator("}")) {
          break;
        }
        entries.add(expression());
        tokens.expectOperator(":");
        entries.add(expression());
      }
      return new Expression.Entries(entries);
    }
    throw tokens.unexpected("an expression");
  }

  private void comma(boolean first) {
    if (!first) {
      tokens.expectOperator(",");
    }
  }

  private Expression postfix(Expression value) {
    Expression result = value;
    while (true) {
      if (tokens.skipOperator(".")) {
        result = member(result);
      } else if (tokens.skipOperator("[")) {
        result = subscript(result);
      } else if (tokens.current().isOperator("(")) {
        result = new Expression.Call(result, arguments());
      } else {
        return result;
      }
    }
  }

  private Expression member(Expression object) {
    Token token = tokens.next();
    if (token.is(Kind.NAME)) {
      return new Expression.Attribute(object, token.text());
    }
    if (token.is(Kind.INTEGER)) {
      return new Expression.Item(object, new Expression.Constant(Numbers.parse(token.text())));
    }
    throw tokens.wrong("expected a name or a number after '.', found " + token.describe());
  }

  private Expression subscript(Expression object) {
    Expression start = tokens.current().isOperator(":") ? NONE : expression();
    if (tokens.skipOperator("]")) {
      return new Expression.Item(object, start);
    }
    if (tokens.current().isOperator(",")) {
      throw tokens.wrong("an index of several parts is not supported");
    }
    tokens.expectOperator(":");
    Expression stop = bound();
    Expression step = tokens.skipOperator(":") ? bound() : NONE;
    tokens.expectOperator("]");
    return new Expression.Slice(object, start, stop, step);
  }

  private Expression bound() {
    return tokens.current().isOperator(":") || tokens.current().isOperator("]")
        ? NONE
        : expression();
  }

  Expression filtersAndTests(Expression value) {
    Expression result = value;
    while (true) {
      if (tokens.skipOperator("|")) {
        result = filter(result);
      } else if (tokens.skipName("is")) {
        result = test(result);
      } else if (tokens.current().isOperator("(")) {
        result = new Expression.Call(result, arguments());
      } else {
        return result;
      }
    }
  }

  /** A filter, from its name on. */
  Expression.Filter filter(Expression value) {
    String name = dotted();
    return new Expression.Filter(
        value, name, tokens.current().isOperator("(") ? arguments() : Given.NOTHING);
  }

  private String dotted() {
    var name = new StringBuilder(tokens.expect(Kind.NAME).text());
    while (tokens.skipOperator(".")) {
      name.append('.').append(tokens.expect(Kind.NAME).text());
    }
    return name.toString();
  }

  private Expression test(Expression value) {
    boolean negated = tokens.skipName("not");
    String name = dotted();
    Given given = Given.NOTHING;
    if (tokens.current().isOperator("(")) {
      given = arguments();
    } else if (beginsArgument(tokens.current())) {
      given = new Given(List.of(postfix(primary())), java.util.Map.of(), null, null);
    }
    Expression test = new Expression.Test(value, name, given);
    return negated ? new Expression.Not(test) : test;
  }

  /** Whether a test's only argument follows without brackets. */
  private static boolean beginsArgument(Token token) {
    return switch (token.kind()) {
      case NAME -> !Set.of("else", "or", "and", "is", "not", "in", "if").contains(token.text());
      case STRING, INTEGER, FLOAT -> true;
      default -> token.isOperator("[") || token.isOperator("{");
    };
  }

  Given arguments() {
    tokens.expectOperator("(");
    var positional = new ArrayList<Expression>();
    var named = new LinkedHashMap<String, Expression>();
    Expression list = null;
    Expression map = null;
    boolean first = true;
    while (!tokens.skipOperator(")")) {
      comma(first);
      first = false;
      if (tokens.skipOperator(")")) {
        break;
      }
      if (tokens.skipOperator("**")) {
        map = expression();
      } else if (tokens.skipOperator("*")) {
        list = expression();
      } else if (tokens.current().is(Kind.NAME) && tokens.following().isOperator("=")) {
        String name = tokens.next().text();
        tokens.next();
        named.put(name, expression());
      } else if (named.isEmpty() && map == null) {
        positional.add(expression());
      } else {
        throw tokens.wrong("an argument without a name follows one with a name");
      }
    }
    return new Given(positional, named, list, map);
  }
}
