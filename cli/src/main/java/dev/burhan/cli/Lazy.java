package dev.burhan.cli;

import java.util.function.Supplier;

/** A value made at the first call, and closed with this if it was made and is closeable. */
final class Lazy<T> implements AutoCloseable {
  private final Supplier<T> maker;
  private T value;

  Lazy(Supplier<T> maker) {
    this.maker = maker;
  }

  synchronized T get() {
    if (value == null) {
      value = maker.get();
    }
    return value;
  }

  @Override
  public synchronized void close() {
    if (value instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close " + value, e);
      }
    }
  }
}
