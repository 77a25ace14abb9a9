package dev.burhan.text.template;

/** Something that a template can call. */
@FunctionalInterface
interface Callable {
  Object call(Run run, Arguments arguments);
}
