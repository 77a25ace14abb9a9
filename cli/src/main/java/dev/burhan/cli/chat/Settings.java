package dev.burhan.cli.chat;

import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.Reasoning;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.provider.UsageException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** How answers are drawn, as far as the person said; the model's makers recommend the rest. */
final class Settings {
  private static final double HOTTEST = 100;

  private OptionalLong seed = OptionalLong.empty();
  private OptionalDouble temperature = OptionalDouble.empty();
  private OptionalDouble topP = OptionalDouble.empty();
  private int maxTokens;
  private boolean showThought;
  private Reasoning reasoning = Reasoning.DEFAULT;

  Settings(int maxTokens) {
    this.maxTokens = maxTokens;
  }

  SamplingParameters sampling(LoadedModel model, long otherwise) {
    SamplingParameters sampling = model.recommended(seed.orElse(otherwise));
    if (temperature.isPresent()) {
      sampling = sampling.withTemperature(temperature.getAsDouble());
    }
    return topP.isPresent() ? sampling.withTopP(topP.getAsDouble()) : sampling;
  }

  void seed(String text) {
    if (text.equals("random")) {
      seed = OptionalLong.empty();
      return;
    }
    try {
      seed = OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new UsageException("a seed is an integer or \"random\", found '" + text + "'", e);
    }
  }

  void temperature(String text) {
    if (text.equals("default")) {
      temperature = OptionalDouble.empty();
      return;
    }
    try {
      double value = Double.parseDouble(text);
      if (value >= 0 && value <= HOTTEST) {
        temperature = OptionalDouble.of(value);
        return;
      }
    } catch (NumberFormatException e) {
      // falls through to the one error below
    }
    throw new UsageException(
        "a temperature is a number from 0 to 100 or \"default\", found '" + text + "'");
  }

  void topP(double value) {
    topP = OptionalDouble.of(value);
  }

  void showThought(boolean show) {
    showThought = show;
  }

  boolean showThought() {
    return showThought;
  }

  void reasoning(Reasoning value) {
    reasoning = value;
  }

  Reasoning reasoning() {
    return reasoning;
  }

  void budget(String text) {
    OptionalInt budget =
        text.equals("none")
            ? OptionalInt.empty()
            : OptionalInt.of(number(text, "a thinking budget is a number of tokens or \"none\""));
    reasoning = new Reasoning(budget, reasoning.votes(), reasoning.verify());
  }

  String budgetText() {
    return reasoning.budget().isPresent() ? reasoning.budget().getAsInt() + " tokens" : "none";
  }

  void votes(String text) {
    reasoning = reasoning.withVotes(number(text, "votes are a number"));
  }

  void verify(String text) {
    if (!text.equals("on") && !text.equals("off")) {
      throw new UsageException("/verify takes on, off or nothing, found '" + text + "'");
    }
    reasoning = reasoning.withVerify(text.equals("on"));
  }

  private static int number(String text, String expected) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new UsageException(expected + ", found '" + text + "'", e);
    }
  }

  int maxTokens() {
    return maxTokens;
  }

  String seedText() {
    return seed.isPresent() ? Long.toString(seed.getAsLong()) : "random, a new one each time";
  }

  Optional<Double> temperature() {
    return temperature.isPresent() ? Optional.of(temperature.getAsDouble()) : Optional.empty();
  }
}
