package dev.burhan.server;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Every other path. */
@Component(service = Servlet.class, property = "osgi.http.whiteboard.servlet.pattern=/*")
public final class UnknownServlet extends ApiServlet {
  private static final long serialVersionUID = 1L;

  @Activate
  public UnknownServlet(@Reference Serving serving) {
    super();
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response) {
    throw ApiError.invalid(
        404,
        "unknown_url",
        null,
        "Unknown URL (%s %s); docs/server.md lists the endpoints."
            .formatted(request.getMethod(), request.getRequestURI()));
  }
}
