package dev.burhan.backendtck;

import dev.burhan.graph.Graph;
import dev.burhan.graph.Value;
import dev.burhan.tensor.DataType;

/** The largest difference of a run's numbers to what was expected, relative to a trial's scale. */
final class Comparison {
  /** Rows of less are nothing: where an exponential underflows is everybody's own business. */
  private static final double NOTHING = 1e-20;

  private final Trial trial;
  private final Graph graph;
  private final boolean eightBits;
  private double largest;
  private String where = "";

  Comparison(Trial trial, Graph graph, boolean eightBits) {
    this.trial = trial;
    this.graph = graph;
    this.eightBits = eightBits;
  }

  double largest() {
    return largest;
  }

  /** The place of the largest difference, in words. */
  String where() {
    return where;
  }

  Comparison of(Numbers expected, Numbers actual) {
    graph
        .outputs()
        .forEach(
            (name, value) -> {
              double greatest = greatest(expected, name);
              for (Story story : trial.stories()) {
                for (int token = 0; token < story.tokens(); token++) {
                  row(
                      new Place(name, value, story, token, greatest),
                      expected.row(name, story.number(), token),
                      actual.row(name, story.number(), token));
                }
              }
            });
    return this;
  }

  private record Place(String output, Value value, Story story, int token, double greatest) {}

  private double greatest(Numbers numbers, String output) {
    double greatest = 0;
    for (Story story : trial.stories()) {
      for (int token = 0; token < story.tokens(); token++) {
        greatest = Math.max(greatest, largest(numbers.row(output, story.number(), token)));
      }
    }
    return greatest;
  }

  private static double largest(float[] row) {
    double largest = 0;
    for (float number : row) {
      largest = Math.max(largest, Math.abs(number));
    }
    return largest;
  }

  private void row(Place place, float[] expected, float[] actual) {
    float[] terms =
        trial.scale() instanceof Trial.Scale.Terms scale
            ? (eightBits ? scale.eightBits() : scale.exact())
                .apply(trial.rows().row(graph.inputs().getFirst(), place.story(), place.token()))
            : null;
    double ofRow = largest(expected);
    for (int i = 0; i < expected.length; i++) {
      double scale =
          switch (trial.scale()) {
            case Trial.Scale.Largest _ -> place.greatest();
            case Trial.Scale.LargestOfRow _ -> ofRow;
            case Trial.Scale.Terms _ -> terms[i];
          };
      number(place, i, expected[i], actual[i], scale);
    }
  }

  private void number(Place place, int i, float expected, float actual, double scale) {
    double difference = Math.abs((double) expected - actual);
    double share =
        expected == actual
            ? 0
            : place.value().type().equals(DataType.I32) || !Double.isFinite(difference)
                ? Double.POSITIVE_INFINITY
                : difference / Math.max(scale, NOTHING);
    if (share > largest) {
      largest = share;
      where =
          "%s: %s of sequence %d, token %d (prompt %d), number %d: expected %s, found %s"
              .formatted(
                  trial.name(),
                  place.output(),
                  place.story().number(),
                  place.token(),
                  place.story().prompt(),
                  i,
                  expected,
                  actual);
    }
  }
}
