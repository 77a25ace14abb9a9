package dev.burhan.cli;

import dev.burhan.command.Command;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Offers every command to the Gogo shell as {@code burhan:NAME}, as long as a shell is there. */
@Component(
    service = {},
    immediate = true)
public final class GogoCommands {
  private final BundleContext context;
  private final Host host;
  private final Map<Provider, ServiceRegistration<Function>> registrations =
      new ConcurrentHashMap<>();

  @Activate
  public GogoCommands(
      BundleContext context, @Reference Host host, @Reference CommandProcessor shell) {
    this.context = context;
    this.host = host;
  }

  @Reference(
      service = Provider.class,
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void add(Provider provider) {
    if (provider instanceof Command command) {
      var properties = new Hashtable<String, Object>();
      properties.put(CommandProcessor.COMMAND_SCOPE, "burhan");
      properties.put(CommandProcessor.COMMAND_FUNCTION, command.name());
      Function function = (session, arguments) -> execute(command.name(), session, arguments);
      registrations.put(provider, context.registerService(Function.class, function, properties));
    }
  }

  void remove(Provider provider) {
    var registration = registrations.remove(provider);
    if (registration != null) {
      registration.unregister();
    }
  }

  @Deactivate
  void deactivate() {
    List.copyOf(registrations.keySet()).forEach(this::remove);
  }

  /**
   * Answers the exit code, as a shell's command does; what the command prints goes to the session.
   */
  private Object execute(String name, CommandSession session, List<Object> arguments) {
    String[] args =
        Stream.concat(Stream.of(name), arguments.stream().map(String::valueOf))
            .toArray(String[]::new);
    return new CommandRunner(() -> host)
        .run(args, Terminal.of(session.getKeyboard(), session.getConsole(), session.getConsole()));
  }
}
