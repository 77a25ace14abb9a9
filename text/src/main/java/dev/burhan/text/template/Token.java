package dev.burhan.text.template;

/**
 * A token of a template.
 *
 * @param kind what it is
 * @param text a name, an operator, the digits of a number; of a string or of template data the
 *     characters it stands for
 * @param line where it begins, counted from 1
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    DATA,
    BLOCK_BEGIN,
    BLOCK_END,
    VARIABLE_BEGIN,
    VARIABLE_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Kind expected) {
    return kind == expected;
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  /** In words, for error messages. */
  String describe() {
    return switch (kind) {
      case DATA -> "template data";
      case BLOCK_BEGIN -> "'{%'";
      case BLOCK_END -> "'%}'";
      case VARIABLE_BEGIN -> "'{{'";
      case VARIABLE_END -> "'}}'";
      case END -> "the end of the template";
      default -> "'" + text + "'";
    };
  }
}
