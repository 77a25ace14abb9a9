package dev.burhan.text.template;

/** An object with attributes of its own, such as {@code loop}. */
interface HasAttributes {
  /** The attribute's value; an {@link Undefined} if there is none of that name. */
  Object attribute(String name);
}
