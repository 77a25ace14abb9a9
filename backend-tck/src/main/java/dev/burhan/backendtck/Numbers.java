package dev.burhan.backendtck;

import dev.burhan.graph.Graph;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run gave: the rows of each output by story and token.
 *
 * @param rows by output's name; (stories, tokens, width)
 */
record Numbers(Map<String, float[][][]> rows) {

  static Numbers of(Graph graph, int stories, int longest) {
    Map<String, float[][][]> rows = new TreeMap<>();
    graph.outputs().keySet().forEach(name -> rows.put(name, new float[stories][longest][]));
    return new Numbers(rows);
  }

  void put(String output, int story, int token, float[] row) {
    rows.get(output)[story][token] = row;
  }

  float[] row(String output, int story, int token) {
    return rows.get(output)[story][token];
  }

  /** The first place at which the bits of some stories differ, in words; empty if none does. */
  Optional<String> firstDifference(Numbers other, List<Story> stories) {
    for (String output : rows.keySet()) {
      for (Story story : stories) {
        for (int token = 0; token < story.tokens(); token++) {
          float[] one = row(output, story.number(), token);
          float[] two = other.row(output, story.number(), token);
          int at = Arrays.mismatch(one, two);
          if (at >= 0) {
            return Optional.of(
                "%s of sequence %d, token %d (of %d, prompt %d), number %d: %s and %s"
                    .formatted(
                        output,
                        story.number(),
                        token,
                        story.tokens(),
                        story.prompt(),
                        at,
                        one[at],
                        two[at]));
          }
        }
      }
    }
    return Optional.empty();
  }
}
