package dev.burhan.cli.chat;

import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.provider.UsageException;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** How answers are drawn, as far as the person said; the model's makers recommend the rest. */
final class Settings {
  private static final double HOTTEST = 100;

  private OptionalLong seed = OptionalLong.empty();
  private OptionalDouble temperature = OptionalDouble.empty();
  private OptionalDouble topP = OptionalDouble.empty();
  private int maxTokens;
  private boolean showThought;

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
