package dev.burhan.kernel.command;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.kernel.engine.BackendSelection;
import dev.burhan.kernel.registry.ProviderRegistry;
import dev.burhan.provider.Host;
import dev.burhan.provider.Probe;
import dev.burhan.provider.Provider;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan backends}: what could run models here. */
@Component(service = Provider.class)
public final class BackendsCommand implements Command {

  @Override
  public String name() {
    return "backends";
  }

  @Override
  public String summary() {
    return "List what can run models here, and why not.";
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public List<String> examples() {
    return List.of("burhan backends");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) {
    BackendSelection selection = new BackendSelection(host);
    Optional<Provider> best = selection.best();
    for (Provider provider : selection.candidates()) {
      Probe probe = ProviderRegistry.probe(provider);
      String state = probe.usable() ? "usable" : "unusable";
      if (best.isPresent() && best.get() == provider) {
        state = "chosen";
      } else if (probe.usable() && !BackendSelection.selectable(provider)) {
        state = "by name";
      }
      io.out().printf("%-12s %-9s %s%n", provider.name(), state, probe.detail());
    }
    return DONE;
  }
}
