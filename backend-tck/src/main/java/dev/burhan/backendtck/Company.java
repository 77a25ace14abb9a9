package dev.burhan.backendtck;

import dev.burhan.backendtck.Story.Piece;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Which tokens of which stories run in a step together. */
final class Company {
  private Company() {}

  /** Stories of any length up to the longest, the first of which has it. */
  static List<Story> stories(int count, int longest, Random random) {
    List<Story> stories = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      int tokens = number == 0 ? longest : 1 + random.nextInt(longest);
      stories.add(new Story(number, 1 + random.nextInt(tokens), tokens));
    }
    return stories;
  }

  /** The prompt in one step, then a step for each generated token. */
  static List<List<Piece>> alone(Story story) {
    List<List<Piece>> steps = new ArrayList<>();
    steps.add(List.of(new Piece(story, 0, story.prompt())));
    for (int token = story.prompt(); token < story.tokens(); token++) {
      steps.add(List.of(new Piece(story, token, token + 1)));
    }
    return steps;
  }

  /**
   * Steps of all stories together, each cut by itself, some pausing, with prompt and generated
   * tokens in one step.
   */
  static List<List<Piece>> together(List<Story> stories, Random random) {
    Map<Story, Integer> done = new HashMap<>();
    List<List<Piece>> steps = new ArrayList<>();
    while (stories.stream().anyMatch(story -> done.getOrDefault(story, 0) < story.tokens())) {
      List<Piece> step = new ArrayList<>();
      for (Story story : stories) {
        int from = done.getOrDefault(story, 0);
        if (from < story.tokens() && (step.isEmpty() || random.nextInt(4) > 0)) {
          int most = random.nextInt(3) == 0 ? story.tokens() : 1 + random.nextInt(4);
          int end = Math.min(story.tokens(), from + most);
          step.add(new Piece(story, from, end));
          done.put(story, end);
        }
      }
      steps.add(step);
    }
    return steps;
  }
}
