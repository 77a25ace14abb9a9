package dev.burhan.catalog;

import java.net.URI;
import java.util.List;

/** Where a model's file can be got. */
sealed interface Source {

  /** For people: in lists and errors. */
  String inWords();

  /** A file in a repository of the model hub, under {@code resolve}. */
  record Hub(String repository, String revision, String file) implements Source {
    URI address(URI hub) {
      return URI.create(hub + "/" + repository + "/resolve/" + revision + "/" + file);
    }

    @Override
    public String inWords() {
      return "model hub " + repository;
    }
  }

  /** A file of any web server. */
  record Web(URI address) implements Source {
    @Override
    public String inWords() {
      return address.toString();
    }
  }

  /** Members of wheels, joined in this order. */
  record Wheels(List<Wheel> wheels) implements Source {
    @Override
    public String inWords() {
      return "PyPI "
          + wheels.getFirst().requirement
          + (wheels.size() > 1 ? " and " + (wheels.size() - 1) + " more" : "");
    }
  }

  /**
   * One wheel.
   *
   * @param requirement {@code NAME==VERSION}
   * @param member path within the wheel
   */
  record Wheel(String requirement, String member) {}
}
