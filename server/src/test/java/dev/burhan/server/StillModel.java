package dev.burhan.server;

import dev.burhan.backend.Plan;
import dev.burhan.checkpoint.Checkpoint;
import dev.burhan.engine.Generation;
import dev.burhan.engine.GenerationRequest;
import dev.burhan.engine.LoadedModel;
import dev.burhan.engine.ModelStatistics;
import dev.burhan.engine.SamplingParameters;
import dev.burhan.model.ModelInfo;
import dev.burhan.text.ChatFormat;
import dev.burhan.text.Tokenizer;
import java.util.Optional;

/** A model that generates nothing and says of itself what a test wants. */
public final class StillModel implements LoadedModel {
  public volatile ModelStatistics statistics = ModelStatistics.NONE;
  public volatile String backend = "still";
  private final HandModel hand = new HandModel("still");
  private final String name;

  public StillModel(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ModelStatistics statistics() {
    return statistics;
  }

  @Override
  public ModelInfo info() {
    return hand.info();
  }

  @Override
  public Checkpoint checkpoint() {
    return hand.checkpoint();
  }

  @Override
  public Plan plan() {
    return hand.plan();
  }

  @Override
  public String backend() {
    return backend;
  }

  @Override
  public Tokenizer tokenizer() {
    return hand.tokenizer();
  }

  @Override
  public Optional<ChatFormat> chatFormat() {
    return hand.chatFormat();
  }

  @Override
  public SamplingParameters recommended(long seed) {
    return hand.recommended(seed);
  }

  @Override
  public Generation generate(GenerationRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void score(int[] tokens, int promptTokens, LogitSink sink) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
