package dev.burhan.kernel.doctor;

/**
 * One thing that was looked at.
 *
 * @param advice what to do; empty if all is well
 */
record Finding(String topic, Level level, String text, String advice) {
  enum Level {
    /** As it should be. */
    OK,
    /** Works, but slower or with less than it could. */
    WARNING,
    /** Burhan can't be used like this. */
    FAILURE
  }

  static Finding ok(String topic, String text) {
    return new Finding(topic, Level.OK, text, "");
  }

  static Finding warning(String topic, String text, String advice) {
    return new Finding(topic, Level.WARNING, text, advice);
  }

  static Finding failure(String topic, String text, String advice) {
    return new Finding(topic, Level.FAILURE, text, advice);
  }
}
