package dev.burhan.kernel.observe;

import dev.burhan.engine.Engine;
import dev.burhan.engine.EngineEvent;
import dev.burhan.engine.Exchange;
import dev.burhan.provider.Host;
import java.util.HashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;

/**
 * Tells other bundles of the engine's changes by EventAdmin (OSGi Compendium 8, chapter 113), as
 * long as there is one: topics {@code dev/burhan/model/KIND}, properties of types of the JDK, so
 * that a bundle needs none of Burhan's to listen. docs/engine.md lists them.
 */
@Component(
    service = {},
    immediate = true)
public final class EngineTopics {
  private static final String TOPIC = "dev/burhan/model/";

  private final Engine.Listening listening;

  @Activate
  public EngineTopics(@Reference Host host, @Reference EventAdmin events) {
    listening = host.engine().listen(change -> events.postEvent(event(change)));
  }

  @Deactivate
  void deactivate() {
    listening.close();
  }

  private static Event event(EngineEvent change) {
    Map<String, Object> told = new HashMap<>();
    told.put("model", change.model());
    String kind =
        switch (change) {
          case EngineEvent.Loaded loaded -> {
            told.put("checkpoint", loaded.checkpoint());
            told.put("backend", loaded.backend());
            told.put("seconds", loaded.seconds());
            yield "LOADED";
          }
          case EngineEvent.Unloaded unloaded -> {
            told.put("checkpoint", unloaded.checkpoint());
            yield "UNLOADED";
          }
          case EngineEvent.Replaced replaced -> {
            told.put("from", replaced.from());
            told.put("to", replaced.to());
            yield "REPLACED";
          }
          case EngineEvent.Exchanged exchanged -> {
            tell(exchanged.exchange(), told);
            yield "EXCHANGED";
          }
          case EngineEvent.Replanned replanned -> {
            told.put("architecture", replanned.architecture());
            tell(replanned.exchange(), told);
            yield "REPLANNED";
          }
          case EngineEvent.Suspended suspended -> {
            told.put("backend", suspended.backend());
            yield "SUSPENDED";
          }
          case EngineEvent.Resumed resumed -> {
            tell(resumed.exchange(), told);
            yield "RESUMED";
          }
          case EngineEvent.Failed failed -> {
            told.put("change", failed.change().name());
            told.put("reason", failed.reason());
            yield "FAILED";
          }
        };
    return new Event(TOPIC + kind, told);
  }

  private static void tell(Exchange exchange, Map<String, Object> told) {
    told.put("from", exchange.from());
    told.put("to", exchange.to());
    told.put("copied", exchange.copied());
    told.put("recomputed", exchange.recomputed());
    told.put("pause.nanos", exchange.pauseNanos());
  }
}
