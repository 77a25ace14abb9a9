package dev.burhan.server.meters;

import dev.burhan.engine.EngineObserver;
import dev.burhan.engine.RequestFigures;
import dev.burhan.engine.StepFigures;
import dev.burhan.provider.Provider;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Component;

/** Passes the engine's figures on to the meters of whatever is served at the moment. */
@Component(service = Provider.class)
public final class ServerObserver implements EngineObserver {
  private final List<Meters> listening = new CopyOnWriteArrayList<>();

  /** Meters that are told until this is closed. */
  public final class Attached implements AutoCloseable {
    private final Meters meters;

    private Attached(Meters meters) {
      this.meters = meters;
      listening.add(meters);
    }

    @Override
    public void close() {
      listening.remove(meters);
    }
  }

  public Attached attach(Meters meters) {
    return new Attached(meters);
  }

  @Override
  public String name() {
    return "server-meters";
  }

  @Override
  public void stepped(StepFigures step) {
    listening.forEach(meters -> meters.stepped(step));
  }

  @Override
  public void ended(RequestFigures request) {
    listening.forEach(meters -> meters.ended(request));
  }
}
