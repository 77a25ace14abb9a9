package dev.burhan.server;

import dev.burhan.server.meters.Meters;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code GET /metrics}: what is measured, in Prometheus' text format. */
@Component(service = Servlet.class, property = "osgi.http.whiteboard.servlet.pattern=/metrics")
public final class MetricsServlet extends ApiServlet {
  private static final long serialVersionUID = 1L;

  private final transient Serving serving;

  @Activate
  public MetricsServlet(@Reference Serving serving) {
    super("GET", "HEAD");
    this.serving = serving;
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Origins.check(request, serving.loopback());
    byte[] text = serving.meters().prometheus().getBytes(StandardCharsets.UTF_8);
    response.setContentType(Meters.CONTENT_TYPE);
    response.setHeader("Cache-Control", "no-store");
    response.setContentLength(text.length);
    response.getOutputStream().write(text);
  }
}
