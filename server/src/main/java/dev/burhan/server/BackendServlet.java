package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.burhan.engine.Exchange;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.UsageException;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code POST /admin/backend}: the model goes on with another backend, its requests too. For this
 * machine's own callers only.
 */
@Component(
    service = Servlet.class,
    property = "osgi.http.whiteboard.servlet.pattern=/admin/backend")
public final class BackendServlet extends ApiServlet {
  private static final long serialVersionUID = 1L;

  private final transient Serving serving;

  @Activate
  public BackendServlet(@Reference Serving serving) {
    super("POST");
    this.serving = serving;
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    Origins.check(request, serving.loopback());
    serving.requireOwnMachine();
    serving.requireOpen();
    ObjectNode body = RequestBody.read(request, serving.limits().bodyBytes());
    String name = body.path("backend").asText("");
    if (name.isEmpty()) {
      throw ApiError.badValue("backend", "'backend' should name a backend.");
    }
    try (var lease = serving.models().lease(modelName(body))) {
      ServedModel model = lease.model();
      Exchange told =
          model.loaded().exchange(Exchange.asked(name), body.path("recompute").asBoolean(false));
      Responses.json(
          response,
          200,
          Json.object()
              .put("model", model.id())
              .put("from", told.from())
              .put("to", told.to())
              .put("copied", told.copied())
              .put("recomputed", told.recomputed())
              .put("pause_ms", told.pauseNanos() / 1e6));
    } catch (UsageException e) {
      throw ApiError.invalid(400, "invalid_value", "backend", e.getMessage());
    } catch (BurhanException e) {
      throw ApiError.internal(e.getMessage());
    }
  }

  private String modelName(ObjectNode body) {
    String name = body.path("name").asText("");
    List<ServedModel> all = serving.models().all();
    if (!name.isEmpty()) {
      return name;
    }
    if (all.size() != 1) {
      throw ApiError.badValue(
          "name",
          "'name' should say which model's backend is meant; this server has %d."
              .formatted(all.size()));
    }
    return all.getFirst().id();
  }
}
