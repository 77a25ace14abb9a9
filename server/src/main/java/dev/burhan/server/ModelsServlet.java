package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code GET /v1/models} and {@code GET /v1/models/ID}. */
@Component(
    service = Servlet.class,
    property = {
      "osgi.http.whiteboard.servlet.pattern=/v1/models",
      "osgi.http.whiteboard.servlet.pattern=/v1/models/*"
    })
public final class ModelsServlet extends ApiServlet {
  private static final long serialVersionUID = 1L;

  private final transient Serving serving;

  @Activate
  public ModelsServlet(@Reference Serving serving) {
    super("GET", "HEAD");
    this.serving = serving;
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    serving.requireOpen();
    String path = request.getPathInfo(); // decoded; null for the list
    if (path != null) {
      try (var lease = serving.models().lease(path.substring(1))) {
        Responses.json(response, 200, lease.model().json());
      }
      return;
    }
    ObjectNode list = Json.object().put("object", "list");
    ArrayNode data = list.putArray("data");
    serving.models().all().forEach(model -> data.add(model.json()));
    Responses.json(response, 200, list);
  }
}
