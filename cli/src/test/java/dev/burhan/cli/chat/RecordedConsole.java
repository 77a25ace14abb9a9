package dev.burhan.cli.chat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Types what a test says, and keeps what it is shown, a line each. */
final class RecordedConsole implements Console {
  final List<String> shown = new ArrayList<>();
  final Deque<Input> typed = new ArrayDeque<>();
  Runnable stop;
  private String awaited;
  private Runnable then;

  RecordedConsole types(String... lines) {
    for (String line : lines) {
      typed.add(new Input.Text(line));
    }
    return this;
  }

  /** Does something at the moment that a status is shown. */
  void onStatus(String text, Runnable action) {
    awaited = "status " + text;
    then = action;
  }

  /** Does something at the moment that an answer is shown. */
  void onAnswer(String text, Runnable action) {
    awaited = "answer " + text;
    then = action;
  }

  private void show(String line) {
    shown.add(line);
    if (line.equals(awaited)) {
      then.run();
    }
  }

  @Override
  public Input read() {
    return typed.isEmpty() ? new Input.End() : typed.poll();
  }

  @Override
  public void answer(String text) {
    show("answer " + text);
  }

  @Override
  public void thought(String text) {
    show("thought " + text);
  }

  @Override
  public void note(String line) {
    show("note " + line);
  }

  @Override
  public void status(String line) {
    show("status " + line);
  }

  @Override
  public void busy(Runnable action) {
    stop = action;
  }

  @Override
  public void idle() {
    stop = null;
  }

  @Override
  public void close() {}
}
