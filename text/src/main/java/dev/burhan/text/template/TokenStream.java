package dev.burhan.text.template;

import dev.burhan.text.TemplateException;
import dev.burhan.text.template.Token.Kind;
import java.util.List;

/** The tokens of a template, one after the other, with a guard against nesting without end. */
final class TokenStream {
  private static final int DEEPEST = 200;

  private final List<Token> tokens;
  private int at;
  private int depth;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  /** The token after the current one. */
  Token following() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = current();
    if (!token.is(Kind.END)) {
      at++;
    }
    return token;
  }

  boolean skipOperator(String operator) {
    boolean found = current().isOperator(operator);
    if (found) {
      at++;
    }
    return found;
  }

  boolean skipName(String name) {
    boolean found = current().isName(name);
    if (found) {
      at++;
    }
    return found;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  Token expect(Kind kind) {
    if (!current().is(kind)) {
      throw unexpected(kind == Kind.NAME ? "a name" : new Token(kind, "", 0).describe());
    }
    return next();
  }

  void enter() {
    if (++depth > DEEPEST) {
      throw wrong("it is nested more than " + DEEPEST + " deep");
    }
  }

  void leave() {
    depth--;
  }

  TemplateException unexpected(String expected) {
    return wrong("expected " + expected + ", found " + current().describe());
  }

  TemplateException wrong(String what) {
    return Values.error(current().line(), what);
  }
}
