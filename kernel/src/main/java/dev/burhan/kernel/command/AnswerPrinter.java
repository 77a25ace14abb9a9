package dev.burhan.kernel.command;

import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.LoadReport;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.kernel.report.LoadWords;
import java.io.IOException;
import java.util.Locale;

/** Shows a generation. */
interface AnswerPrinter {

  /** Shows an event; false if nobody reads any more. */
  boolean accept(GenerationEvent event);

  /** Everything was generated. */
  void finish() throws IOException;

  Finished finished();

  /** One line about how long it took. */
  static String timings(Finished finished, LoadedModel model, SamplingParameters sampling) {
    double prefill = finished.timings().prefill() / 1e9;
    double decode = finished.timings().decode() / 1e9;
    int generated = finished.usage().generated();
    String thought =
        finished.usage().reasoning() > 0
            ? " (" + finished.usage().reasoning() + " of them thought)"
            : "";
    String drawn = sampling.temperature() == 0 ? "" : ", seed " + sampling.seed();
    return String.format(
        Locale.ROOT,
        "[%s: loaded%s; %d prompt tokens in %.2f s, %.1f/s; %d tokens%s in %.2f s, %.1f/s%s; ended by %s%s]",
        model.backend(),
        model.loading().map(AnswerPrinter::loaded).orElse(""),
        finished.usage().prompt(),
        prefill,
        rate(finished.usage().prompt(), prefill),
        generated,
        thought,
        decode,
        rate(generated - 1, decode), // the first one belongs to the prompt's time
        guesses(finished.usage()),
        finished.reason().name().toLowerCase(Locale.ROOT),
        drawn);
  }

  private static String guesses(GenerationEvent.Usage usage) {
    return usage.drafted() == 0
        ? ""
        : ", " + usage.accepted() + " of " + usage.drafted() + " guesses accepted";
  }

  private static String loaded(LoadReport report) {
    return String.format(Locale.ROOT, " in %.2f s, %s", report.seconds(), LoadWords.of(report));
  }

  private static double rate(int tokens, double seconds) {
    return seconds > 0 && tokens > 0 ? tokens / seconds : 0;
  }
}
