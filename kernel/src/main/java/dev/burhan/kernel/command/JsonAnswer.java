package dev.burhan.kernel.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.burhan.command.CommandIo;
import dev.burhan.engine.GenerationEvent;
import dev.burhan.engine.GenerationEvent.Finished;
import dev.burhan.engine.GenerationEvent.Text;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.engine.Tally;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;

/** Collects an answer and prints it as one JSON object. */
final class JsonAnswer implements AnswerPrinter {
  private final CommandIo io;
  private final LoadedModel model;
  private final SamplingParameters sampling;
  private final StringBuilder thought = new StringBuilder();
  private final StringBuilder answer = new StringBuilder();
  private Finished finished;

  JsonAnswer(CommandIo io, LoadedModel model, SamplingParameters sampling) {
    this.io = io;
    this.model = model;
    this.sampling = sampling;
  }

  @Override
  public boolean accept(GenerationEvent event) {
    switch (event) {
      case Text text -> (text.reasoning() ? thought : answer).append(text.text());
      case Finished end -> finished = end;
      case GenerationEvent.Started _, GenerationEvent.Weighing _ -> {}
    }
    return true;
  }

  @Override
  public void finish() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("model", model.name());
      json.writeStringField("backend", model.backend());
      json.writeStringField("answer", answer.toString());
      if (!thought.isEmpty()) {
        json.writeStringField("reasoning", thought.toString());
      }
      json.writeStringField("finish_reason", finished.reason().name().toLowerCase(Locale.ROOT));
      json.writeNumberField("seed", sampling.seed());
      json.writeNumberField("temperature", sampling.temperature());
      json.writeObjectFieldStart("usage");
      json.writeNumberField("prompt_tokens", finished.usage().prompt());
      json.writeNumberField("reasoning_tokens", finished.usage().reasoning());
      json.writeNumberField("answer_tokens", finished.usage().answer());
      json.writeNumberField("cached_tokens", finished.usage().cached());
      if (model.draftPlan().isPresent()) {
        json.writeNumberField("drafted_tokens", finished.usage().drafted());
        json.writeNumberField("accepted_tokens", finished.usage().accepted());
      }
      json.writeEndObject();
      if (finished.tally().isPresent()) {
        write(json, finished.tally().get());
      }
      json.writeObjectFieldStart("seconds");
      if (model.loading().isPresent()) {
        json.writeNumberField("load", model.loading().get().seconds());
      }
      json.writeNumberField("queued", finished.timings().queued() / 1e9);
      json.writeNumberField("prefill", finished.timings().prefill() / 1e9);
      json.writeNumberField("decode", finished.timings().decode() / 1e9);
      json.writeEndObject();
      json.writeEndObject();
    }
    io.out().println(text);
  }

  private static void write(JsonGenerator json, Tally tally) throws IOException {
    json.writeObjectFieldStart("tally");
    json.writeArrayFieldStart("answers");
    for (Tally.Count count : tally.answers()) {
      json.writeStartObject();
      json.writeStringField("answer", count.answer());
      write(json, "samples", count.samples());
      json.writeEndObject();
    }
    json.writeEndArray();
    write(json, "undecided", tally.undecided());
    if (tally.chosen().isPresent()) {
      json.writeNumberField("chosen", tally.chosen().getAsInt());
    }
    json.writeNumberField("started", tally.started());
    json.writeNumberField("finished", tally.finished());
    json.writeNumberField("cancelled", tally.cancelled());
    json.writeArrayFieldStart("checks");
    for (Tally.Check check : tally.checks()) {
      json.writeStartObject();
      json.writeNumberField("sample", check.sample());
      json.writeStringField("answer", check.answer());
      json.writeStringField("opinion", check.opinion().name().toLowerCase(Locale.ROOT));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, List<Integer> samples)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (int sample : samples) {
      json.writeNumber(sample);
    }
    json.writeEndArray();
  }

  @Override
  public Finished finished() {
    return finished;
  }
}
