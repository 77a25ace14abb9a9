package dev.burhan.text.template;

import dev.burhan.text.template.Statement.Flow;
import dev.burhan.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Statements. */
final class Parser {
  private static final Statement NOTHING = new Statement.Body(List.of());

  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private int loops; // around the current statement

  private Parser(List<Token> tokens) {
    this.tokens = new TokenStream(tokens);
    expressions = new ExpressionParser(this.tokens);
  }

  static Statement parse(String template) {
    return new Parser(Lexer.tokens(template)).body();
  }

  /**
   * Statements up to one of the given words, which is left as the current token; up to the end if
   * none is given.
   */
  private Statement body(String... ends) {
    tokens.enter();
    var statements = new ArrayList<Statement>();
    while (true) {
      Token token = tokens.current();
      if (token.is(Kind.END)) {
        if (ends.length > 0) {
          throw tokens.wrong(
              "expected {% " + ends[ends.length - 1] + " %}, found the end of the template");
        }
        break;
      }
      if (token.is(Kind.DATA)) {
        statements.add(new Statement.Text(tokens.next().text()));
      } else if (token.is(Kind.VARIABLE_BEGIN)) {
        tokens.next();
        statements.add(new Statement.Print(expressions.tuple(true)));
        tokens.expect(Kind.VARIABLE_END);
      } else {
        tokens.next();
        if (List.of(ends).contains(tokens.current().text()) && tokens.current().is(Kind.NAME)) {
          break;
        }
        statements.add(statement());
      }
    }
    tokens.leave();
    return statements.size() == 1 ? statements.getFirst() : new Statement.Body(statements);
  }

  /** A statement from its word on, its end tag included. */
  private Statement statement() {
    Token word = tokens.expect(Kind.NAME);
    Statement statement =
        switch (word.text()) {
          case "if" -> conditional();
          case "for" -> loop();
          case "set" -> assignment();
          case "macro" -> new Statement.Define(macro(tokens.expect(Kind.NAME).text(), "endmacro"));
          case "call" -> callBlock();
          case "filter" -> filterBlock();
          case "with" -> with();
          case "generation" -> scoped("endgeneration");
          case "block" -> {
            tokens.expect(Kind.NAME);
            yield scoped("endblock");
          }
          case "break", "continue" -> leave(word);
          default ->
              throw tokens.wrong("the statement '" + word.text() + "' is not supported here");
        };
    tokens.expect(Kind.BLOCK_END);
    return statement;
  }

  private Statement leave(Token word) {
    if (loops == 0) {
      throw tokens.wrong("'" + word.text() + "' stands outside of a loop");
    }
    return new Statement.Leave(word.text().equals("break") ? Flow.BREAK : Flow.CONTINUE);
  }

  private Statement conditional() {
    Expression test = expressions.tuple(false);
    tokens.expect(Kind.BLOCK_END);
    Statement then = body("elif", "else", "endif");
    String next = tokens.next().text();
    Statement otherwise = NOTHING;
    if (next.equals("elif")) {
      return new Statement.If(test, then, elif());
    }
    if (next.equals("else")) {
      tokens.expect(Kind.BLOCK_END);
      otherwise = body("endif");
      tokens.next();
    }
    return new Statement.If(test, then, otherwise);
  }

  /** The branches after the first, as an {@code if} of their own. */
  private Statement elif() {
    tokens.enter();
    Statement rest = conditional();
    tokens.leave();
    return rest;
  }

  private Statement loop() {
    Target target = target(false);
    if (!tokens.skipName("in")) {
      throw tokens.unexpected("'in'");
    }
    Expression items = expressions.tuple(false);
    Expression filter = tokens.skipName("if") ? expressions.expression() : null;
    boolean recursive = tokens.skipName("recursive");
    tokens.expect(Kind.BLOCK_END);
    loops++;
    Statement body = body("else", "endfor");
    loops--;
    Statement otherwise = NOTHING;
    if (tokens.next().text().equals("else")) {
      tokens.expect(Kind.BLOCK_END);
      otherwise = body("endfor");
      tokens.next();
    }
    return new Statement.For(target, items, filter, body, otherwise, recursive);
  }

  private Target target(boolean members) {
    var targets = new ArrayList<Target>();
    boolean bracket = tokens.skipOperator("(");
    boolean comma = false;
    do {
      if (!tokens.current().is(Kind.NAME)) {
        break;
      }
      String name = tokens.next().text();
      boolean member = members && tokens.skipOperator(".");
      targets.add(
          member
              ? new Target.Member(name, tokens.expect(Kind.NAME).text())
              : new Target.Variable(name));
      comma = tokens.current().isOperator(",");
    } while (tokens.skipOperator(","));
    if (bracket) {
      tokens.expectOperator(")");
    }
    if (targets.isEmpty()) {
      throw tokens.unexpected("a name");
    }
    return targets.size() == 1 && !comma ? targets.getFirst() : new Target.Several(targets);
  }

  private Statement assignment() {
    Target target = target(true);
    if (tokens.skipOperator("=")) {
      return new Statement.Set(target, expressions.tuple(true));
    }
    var filters = new ArrayList<Expression.Filter>();
    while (tokens.skipOperator("|")) {
      filters.add(expressions.filter(null));
    }
    return new Statement.Capture(target, captured("endset"), filters);
  }

  private Statement filterBlock() {
    var filters = new ArrayList<Expression.Filter>();
    do {
      filters.add(expressions.filter(null));
    } while (tokens.skipOperator("|"));
    return new Statement.Capture(null, captured("endfilter"), filters);
  }

  private Statement.Captured captured(String end) {
    tokens.expect(Kind.BLOCK_END);
    return new Statement.Captured(closed(end));
  }

  /**
   * A body up to its end tag, that tag's word included. A loop outside of it can't be left from
   * within.
   */
  private Statement closed(String end) {
    int outer = loops;
    loops = 0;
    Statement body = body(end);
    loops = outer;
    tokens.next();
    return body;
  }

  private MacroDefinition macro(String name, String end) {
    var parameters = new ArrayList<String>();
    var defaults = new ArrayList<Expression>();
    if (tokens.skipOperator("(")) {
      while (!tokens.skipOperator(")")) {
        if (!parameters.isEmpty()) {
          tokens.expectOperator(",");
        }
        parameters.add(tokens.expect(Kind.NAME).text());
        defaults.add(tokens.skipOperator("=") ? expressions.expression() : null);
      }
    }
    tokens.expect(Kind.BLOCK_END);
    return new MacroDefinition(name, parameters, defaults, closed(end));
  }

  private Statement callBlock() {
    var parameters = new ArrayList<String>();
    var defaults = new ArrayList<Expression>();
    if (tokens.skipOperator("(")) {
      while (!tokens.skipOperator(")")) {
        if (!parameters.isEmpty()) {
          tokens.expectOperator(",");
        }
        parameters.add(tokens.expect(Kind.NAME).text());
        defaults.add(tokens.skipOperator("=") ? expressions.expression() : null);
      }
    }
    if (!(expressions.expression() instanceof Expression.Call call)) {
      throw tokens.wrong("expected the call of a macro after 'call'");
    }
    tokens.expect(Kind.BLOCK_END);
    return new Statement.CallBlock(
        new MacroDefinition("caller", parameters, defaults, closed("endcall")), call);
  }

  private Statement with() {
    var sets = new ArrayList<Statement.Set>();
    while (!tokens.current().is(Kind.BLOCK_END)) {
      if (!sets.isEmpty()) {
        tokens.expectOperator(",");
      }
      Target target = new Target.Variable(tokens.expect(Kind.NAME).text());
      tokens.expectOperator("=");
      sets.add(new Statement.Set(target, expressions.expression()));
    }
    tokens.expect(Kind.BLOCK_END);
    Statement body = body("endwith");
    tokens.next();
    return new Statement.Scoped(sets, body);
  }

  private Statement scoped(String end) {
    tokens.expect(Kind.BLOCK_END);
    Statement body = body(end);
    tokens.next();
    if (end.equals("endblock")) {
      if (tokens.current().is(Kind.NAME)) {
        tokens.next();
      }
    }
    return new Statement.Scoped(List.of(), body);
  }
}
