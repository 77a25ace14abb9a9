package dev.burhan.kernel.observe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A request in a flight recording. The event's own time is the request's end. */
@Name("burhan.Request")
@Label("Request")
@Category({"Burhan", "Engine"})
@Description("A request that ended")
@StackTrace(false)
final class RequestEvent extends Event {
  @Label("Model")
  String model;

  @Label("Reason")
  @Description("stop, length, blocked, timeout or cancelled; error if it failed")
  String reason;

  @Label("Failure")
  @Description("Why it failed, if it did")
  String failure;

  @Label("Prompt Tokens")
  int promptTokens;

  @Label("Cached Tokens")
  @Description("Tokens of the prompt that the prefix cache held")
  int cachedTokens;

  @Label("Reasoning Tokens")
  int reasoningTokens;

  @Label("Answer Tokens")
  int answerTokens;

  @Label("Drafted Tokens")
  int draftedTokens;

  @Label("Accepted Tokens")
  int acceptedTokens;

  @Label("Queued")
  @Description("From the request to its first step")
  @Timespan(Timespan.NANOSECONDS)
  long queued;

  @Label("First Token")
  @Description("From the request to its first token")
  @Timespan(Timespan.NANOSECONDS)
  long firstToken;

  @Label("Total")
  @Description("From the request to its end")
  @Timespan(Timespan.NANOSECONDS)
  long total;

  @Label("Mean Between Tokens")
  @Timespan(Timespan.NANOSECONDS)
  long meanBetween;

  @Label("Most Between Tokens")
  @Timespan(Timespan.NANOSECONDS)
  long mostBetween;

  @Label("Preemptions")
  int preemptions;
}
