package dev.burhan.catalog;

import dev.burhan.provider.Progress;

/** Fetches in a process of its own. */
final class FetchMain {
  private FetchMain() {}

  public static void main(String[] arguments) {
    System.out.println(new Catalogue().fetch(Scene.NAME, Progress.NONE));
  }
}
