package dev.burhan.server;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code GET /admin/models}, and {@code POST /admin/models/load}, {@code /unload} and {@code
 * /replace}, which answer when it is done. For this machine's own callers only.
 */
@Component(
    service = Servlet.class,
    property = {
      "osgi.http.whiteboard.servlet.pattern=/admin/models",
      "osgi.http.whiteboard.servlet.pattern=/admin/models/*"
    })
public final class AdminServlet extends ApiServlet {
  private static final long serialVersionUID = 1L;

  private final transient Serving serving;

  @Activate
  public AdminServlet(@Reference Serving serving) {
    super("GET", "HEAD", "POST");
    this.serving = serving;
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response)
      throws IOException, InterruptedException {
    Origins.check(request, serving.loopback());
    serving.requireOwnMachine();
    serving.requireOpen();
    ModelChanges changes = new ModelChanges(serving);
    String path = request.getPathInfo() == null ? "" : request.getPathInfo();
    if (path.isEmpty() != !request.getMethod().equals("POST")) {
      throw ApiError.invalid(
          404,
          "unknown_url",
          null,
          "Expected GET /admin/models, or POST /admin/models/load, /unload or /replace.");
    }
    Responses.json(
        response,
        200,
        path.isEmpty()
            ? changes.list()
            : changes.change(
                path.substring(1), RequestBody.read(request, serving.limits().bodyBytes())));
  }
}
