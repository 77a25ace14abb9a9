package dev.burhan.server;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code GET /health/live}: the process answers; there is no reason to kill it. */
@Component(service = Servlet.class, property = "osgi.http.whiteboard.servlet.pattern=/health/live")
public final class LiveServlet extends ApiServlet {
  private static final long serialVersionUID = 1L;

  @Activate
  public LiveServlet(@Reference Serving serving) {
    super("GET", "HEAD");
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Responses.json(response, 200, Json.object().put("status", "live"));
  }
}
