package dev.burhan.server;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code GET /health/ready}: 200 while chats are answered, 503 before and after. */
@Component(service = Servlet.class, property = "osgi.http.whiteboard.servlet.pattern=/health/ready")
public final class ReadyServlet extends ApiServlet {
  private static final long serialVersionUID = 1L;

  private final transient Serving serving;

  @Activate
  public ReadyServlet(@Reference Serving serving) {
    super("GET", "HEAD");
    this.serving = serving;
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Serving.State state = serving.state();
    Responses.json(
        response,
        state == Serving.State.READY ? 200 : 503,
        Json.object().put("status", state.name().toLowerCase(Locale.ROOT)));
  }
}
