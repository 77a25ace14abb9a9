package dev.burhan.cli.top;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** {@code burhan top}: watches a running server. */
@Component(service = Provider.class)
public final class TopCommand implements Command {
  private static final String DEFAULT_URL = "http://127.0.0.1:8080";
  private static final double DEFAULT_SECONDS = 1;
  private static final int ANY_WIDTH = Integer.MAX_VALUE;

  @Override
  public String name() {
    return "top";
  }

  @Override
  public String summary() {
    return "Watch a running server: speeds, requests, memory, waiting times.";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.optional("url", Kind.TEXT, "URL", "Where the server listens.", DEFAULT_URL),
        Option.optional(
            "interval",
            Kind.NUMBER,
            "SECONDS",
            "Time between two looks, which rates are of.",
            "" + (int) DEFAULT_SECONDS),
        Option.flag("once", "Look twice, an interval apart, print how it stands, and end."),
        Option.flag("json", "Print a JSON object a look, each on its own line."));
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan top",
        "burhan top --url http://127.0.0.1:9000 --interval 5",
        "burhan top --once --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    Duration interval =
        Duration.ofMillis(
            (long) (1000 * arguments.number("interval", 0.1, 3600).orElse(DEFAULT_SECONDS)));
    boolean json = arguments.flag("json");
    try (Watch watch = new Watch(arguments.text("url").orElse(DEFAULT_URL))) {
      MetricsPage page = watch.read(); // a server that is not there is told at once
      if (!json && !arguments.flag("once") && movable(io)) {
        watchOnScreen(watch, page, interval);
        return DONE;
      }
      do {
        Thread.sleep(interval);
        page = watch.read();
        if (json) {
          io.out().println(json(watch, page));
        } else {
          plain(watch, page, io);
        }
      } while (!arguments.flag("once") && !io.out().checkError());
    } catch (InterruptedException e) {
      // a shell's Ctrl-C: the end is the same
    }
    return DONE;
  }

  private static boolean movable(CommandIo io) {
    String type = System.getenv("TERM");
    return io.inputIsTerminal()
        && io.outputIsTerminal()
        && type != null
        && !type.isEmpty()
        && !type.equals("dumb");
  }

  private static void watchOnScreen(Watch watch, MetricsPage first, Duration interval)
      throws IOException, InterruptedException {
    try (TopScreen screen = TopScreen.open()) {
      MetricsPage page = first;
      do {
        screen.show(TopHead.line(watch.server(), page), watch.figures());
        if (screen.ends(interval)) {
          return;
        }
        page = watch.read();
      } while (true);
    }
  }

  private static void plain(Watch watch, MetricsPage page, CommandIo io) {
    io.out().println(TopHead.line(watch.server(), page));
    List<ModelFigures> models = watch.figures();
    if (models.isEmpty()) {
      io.out().println(TopHead.NO_MODEL);
    } else {
      TopTable.lines(models, ANY_WIDTH).forEach(io.out()::println);
    }
  }

  private static String json(Watch watch, MetricsPage page) throws JsonProcessingException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("server", watch.server());
    json.put("uptime_seconds", TopHead.uptime(page));
    json.put("resident_bytes", page.value("process_resident_memory_bytes"));
    json.put("heap_bytes", page.value("jvm_memory_used_bytes"));
    json.put("models", watch.figures().stream().map(ModelFigures::json).toList());
    return new JsonMapper().writeValueAsString(withoutNan(json));
  }

  /** JSON has no word for what is not known but null. */
  private static Object withoutNan(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<Object, Object> clean = new LinkedHashMap<>();
        map.forEach((key, item) -> clean.put(key, withoutNan(item)));
        yield clean;
      }
      case List<?> list -> list.stream().map(TopCommand::withoutNan).toList();
      case Double number when !Double.isFinite(number) -> null;
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 ->
          number.longValue();
      case null, default -> value;
    };
  }
}
