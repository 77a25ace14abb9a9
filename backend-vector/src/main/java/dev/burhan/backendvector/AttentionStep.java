package dev.burhan.backendvector;

/**
 * One step of attention over a run of tokens, for all queries of a part. Steps are classes of their
 * own and called in a loop over several, which the compiler does not inline: all of them in one
 * method are more than it makes vector instructions of.
 */
interface AttentionStep {
  void run(AttentionWork work);
}
