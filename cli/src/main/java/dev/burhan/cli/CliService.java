package dev.burhan.cli;

import dev.burhan.provider.Host;
import java.util.function.ToIntFunction;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The command line in OSGi: from the arguments to the exit code. A type of the JDK, because the
 * launcher that calls it shares no other with this bundle.
 */
@Component(service = ToIntFunction.class, property = "burhan.cli=main")
public final class CliService implements ToIntFunction<String[]> {
  private final Host host;

  @Activate
  public CliService(@Reference Host host) {
    this.host = host;
  }

  @Override
  public int applyAsInt(String[] args) {
    return new CommandRunner(() -> host).run(args, Terminal.system());
  }
}
