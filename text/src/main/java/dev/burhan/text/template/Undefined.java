package dev.burhan.text.template;

import dev.burhan.text.TemplateException;

/**
 * A variable, attribute or element that is not there: prints as nothing, is false and empty, and is
 * an error as soon as something is asked of it.
 *
 * @param what the error's text
 */
record Undefined(String what) {
  static Undefined variable(String name) {
    return new Undefined("'" + name + "' is undefined");
  }

  static Undefined attribute(Object of, String name) {
    return new Undefined("'" + Values.typeName(of) + " object' has no attribute '" + name + "'");
  }

  TemplateException error() {
    return Values.error(what);
  }
}
