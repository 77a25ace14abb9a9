package dev.burhan.backendtck;

import dev.burhan.backendtck.RandomTensors.Fill;
import dev.burhan.backendtck.Story.Piece;
import dev.burhan.tensor.DataType;
import java.util.List;

/** How fast a product is: for people, never judged. */
final class Speeds {
  private static final int ROWS = 512;
  private static final int COLS = 1024;
  private static final int TOKENS = 64;
  private static final double SECONDS = 0.2;
  private static final double SECONDS_OF_ORACLE = 0.05;

  private Speeds() {}

  static OpRow.Speed measure(Stage stage, Stage oracle, String typeName) {
    DataType type = DataType.named(typeName).orElseThrow();
    Story story = new Story(0, TOKENS, TOKENS + 1);
    Trial trial =
        MatrixTrials.product(type, ROWS, COLS, Fill.RANDOM, false, false).with(List.of(story));
    List<Piece> prompt = List.of(new Piece(story, 0, TOKENS));
    List<Piece> generated = List.of(new Piece(story, TOKENS, TOKENS + 1));
    double[] here = stage.with(trial, running -> times(running, prompt, generated, SECONDS));
    double[] slow =
        oracle.with(trial, running -> times(running, prompt, generated, SECONDS_OF_ORACLE));
    return new OpRow.Speed(
        (double) ROWS * COLS * TOKENS / here[0] / 1e9,
        type.bytes((long) ROWS * COLS) / here[1] / 1e9,
        slow[0] / here[0],
        slow[1] / here[1]);
  }

  private static double[] times(
      Running running, List<Piece> prompt, List<Piece> generated, double seconds) {
    return new double[] {running.time(prompt, seconds), running.time(generated, seconds)};
  }
}
