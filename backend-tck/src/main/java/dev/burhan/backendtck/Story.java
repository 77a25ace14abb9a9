package dev.burhan.backendtck;

/**
 * A sequence of a trial.
 *
 * @param number from 0; its numbers and pages follow from it
 * @param prompt how many of its tokens are a prompt's, the rest being generated ones
 * @param tokens how many in all
 */
record Story(int number, int prompt, int tokens) {

  /** Tokens {@code [from, end)} of a story, which a step runs. */
  record Piece(Story story, int from, int end) {}
}
