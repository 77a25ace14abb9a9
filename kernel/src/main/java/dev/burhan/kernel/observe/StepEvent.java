package dev.burhan.kernel.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A step in a flight recording. The event's own time is the step's end. */
@Name("burhan.Step")
@Label("Model Step")
@Category({"Burhan", "Engine"})
@Description("One step of a model: some columns of prompts and some of generated tokens")
@StackTrace(false)
final class StepEvent extends Event {
  @Label("Model")
  String model;

  @Label("Elapsed")
  @Description("From the step's beginning until its tokens were drawn")
  @Timespan(Timespan.NANOSECONDS)
  long elapsed;

  @Label("Kernels")
  @Description("Of that, in the program's own work; the rest is the engine's")
  @Timespan(Timespan.NANOSECONDS)
  long kernels;

  @Label("Sequences")
  int sequences;

  @Label("Prompt Columns")
  @Description("Tokens of prompts that were computed")
  int promptColumns;

  @Label("Generated Columns")
  @Description("Generated or guessed tokens that were computed")
  int generatedColumns;

  @Label("Tokens")
  @Description("Tokens that were drawn")
  int tokens;

  @Label("Pages Held")
  @Description("Pages of keys and values in use by requests")
  int pagesHeld;

  @Label("Waiting")
  @Description("Requests that wait for room")
  int waiting;
}
