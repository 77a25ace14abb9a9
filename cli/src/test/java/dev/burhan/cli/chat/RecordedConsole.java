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

  RecordedConsole types(String... lines) {
    for (String line : lines) {
      typed.add(new Input.Text(line));
    }
    return this;
  }

  @Override
  public Input read() {
    return typed.isEmpty() ? new Input.End() : typed.poll();
  }

  @Override
  public void answer(String text) {
    shown.add("answer " + text);
  }

  @Override
  public void thought(String text) {
    shown.add("thought " + text);
  }

  @Override
  public void note(String line) {
    shown.add("note " + line);
  }

  @Override
  public void status(String line) {
    shown.add("status " + line);
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
