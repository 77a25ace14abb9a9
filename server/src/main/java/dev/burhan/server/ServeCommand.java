package dev.burhan.server;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.command.Option.Kind;
import dev.burhan.engine.LoadOptions;
import dev.burhan.engine.LoadRequest;
import dev.burhan.engine.ReceiptWriter;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.server.meters.ServerObserver;
import dev.burhan.server.operation.OnDemand;
import dev.burhan.server.operation.OperatorShell;
import dev.burhan.server.operation.WatchedFolders;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan serve}: answers chats over HTTP until it is told to end. */
@Component(service = Provider.class)
public final class ServeCommand implements Command {
  private static final String DEFAULT_HOST = "127.0.0.1";
  private static final int DEFAULT_PORT = 8080;

  /** After the model is closed the last answers need but to be written. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  @Override
  public String name() {
    return "serve";
  }

  @Override
  public String summary() {
    return "Serve a model over HTTP, as OpenAI's chat completions API.";
  }

  @Override
  public boolean needsFramework() {
    return true;
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(LoadOptions.modelOrDefault());
    options.addAll(places());
    options.addAll(Asked.options());
    return List.copyOf(options);
  }

  /** Where it listens and how it ends. */
  private static List<Option> places() {
    return List.of(
        Option.optional(
            "name",
            Kind.TEXT,
            "ID",
            "What requests call the model.",
            "its catalogue name, or its file's name without .gguf"),
        Option.optional(
            "host",
            Kind.TEXT,
            "HOST",
            "Address to listen on; any but this machine's own is open to others, without a password.",
            DEFAULT_HOST),
        Option.optional(
            "port", Kind.INTEGER, "PORT", "0 takes any free one, and tells it.", "" + DEFAULT_PORT),
        Option.optional(
            "queue",
            Kind.INTEGER,
            "N",
            "Most requests that wait while others are answered.",
            "" + Serving.DEFAULT_QUEUE),
        Option.optional(
            "drain",
            Kind.INTEGER,
            "SECONDS",
            "How long the end, or a model that is unloaded, waits for answers that are being made.",
            "" + Serving.DEFAULT_DRAIN.toSeconds()),
        Option.optional(
            "deploy",
            Kind.PATH,
            "FOLDER",
            "Make bundles live that are put into this folder, as long as it serves; only you may write to it."),
        Option.flag("shell", "Give an OSGi shell (Gogo) on this terminal, to administer bundles."));
  }

  @Override
  public List<String> examples() {
    return List.of(
        "burhan serve --model smollm2",
        "burhan serve --model ~/models/DeepSeek-R1-Distill-Qwen-1.5B-Q4_K_M.gguf --name r1 --port 0");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws Exception {
    Asked asked =
        Asked.of(arguments.required(Asked.MODEL), arguments.text("name"), arguments.values());
    asked.request(); // throws before anything is started
    InetAddress address = address(arguments.text("host").orElse(DEFAULT_HOST));
    int port = arguments.integer("port", 0, 65_535).orElse(DEFAULT_PORT);
    Duration drain =
        arguments.integer("drain", 0, 86_400).stream()
            .mapToObj(Duration::ofSeconds)
            .findFirst()
            .orElse(Serving.DEFAULT_DRAIN);
    Serving serving =
        new Serving(
            Serving.Limits.DEFAULT
                .withRequests(sequences(arguments) + queue(arguments))
                .withDrain(drain),
            address.isLoopbackAddress(),
            receipts(host),
            host.engine());
    if (!address.isLoopbackAddress()) {
      io.err()
          .println(
              "burhan: warning: %s is reachable from other machines, and whoever reaches it may use it: there is no password"
                  .formatted(address.getHostAddress()));
    }
    StopSignal stop = new StopSignal();
    try (var http = FrameworkHttp.start(address, port, serving, stop)) {
      try (var _ = WatchedFolders.start(OnDemand.context(), arguments.path("deploy"));
          var _ = observer(host).attach(serving.meters());
          var models = serving.models()) {
        ServedModel model = models.load(asked, io.progress());
        serving.ready();
        io.out()
            .println(
                "Serving %s on %s at %s/v1, Ctrl-C ends it"
                    .formatted(model.id(), model.loaded().backend(), http.url()));
        stop.arm();
        Optional<OperatorShell> shell =
            arguments.flag("shell")
                ? Optional.of(OperatorShell.start(OnDemand.context()))
                : Optional.empty();
        await(stop);
        serving.end();
        drain(serving, drain, io);
        shell.ifPresent(OperatorShell::close);
      }
      serving.places().awaitEmpty(LAST_WORDS); // those that the model's close broke off
    }
    return DONE;
  }

  private static int queue(Arguments arguments) {
    return arguments.integer("queue", 0, 10_000).orElse(Serving.DEFAULT_QUEUE);
  }

  /** The engine looks closer at it. */
  private static int sequences(Arguments arguments) {
    return arguments
        .integer(LoadRequest.SEQUENCES, 1, 10_000)
        .orElse(LoadRequest.DEFAULT_SEQUENCES);
  }

  private static Optional<Serving.Receipts> receipts(Host host) {
    return host.providers(ReceiptWriter.class).stream()
        .findFirst()
        .map(
            writer ->
                (model, begun, request, tokens, reason) ->
                    writer.write(host, model.loaded(), model.id(), begun, request, tokens, reason));
  }

  private static ServerObserver observer(Host host) {
    return host.providers(ServerObserver.class).getFirst(); // this bundle's own
  }

  private static void await(StopSignal stop) {
    try {
      stop.await();
    } catch (InterruptedException e) {
      // A shell's Ctrl-C: the end is the same.
    }
  }

  private static void drain(Serving serving, Duration limit, CommandIo io)
      throws InterruptedException {
    if (!serving.places().awaitEmpty(Duration.ZERO)) {
      io.err()
          .println(
              "burhan: ending in %d s at most, answers are being made"
                  .formatted(limit.toSeconds()));
      serving.places().awaitEmpty(limit);
    }
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new BurhanException(
          "--host should be an address of this machine, found '" + host + "'", e);
    }
  }
}
