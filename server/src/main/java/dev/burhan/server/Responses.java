package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Writes whole responses. */
final class Responses {
  private Responses() {}

  static void json(HttpServletResponse response, int status, ObjectNode body) throws IOException {
    byte[] bytes = Json.bytes(body);
    if (!response.isCommitted()) {
      response.setStatus(status);
      response.setContentType("application/json");
      response.setContentLength(bytes.length);
    }
    response.getOutputStream().write(bytes);
    response.flushBuffer();
  }

  static void error(HttpServletResponse response, ApiError error) throws IOException {
    if (error.retryAfter() > 0) {
      response.setIntHeader("Retry-After", error.retryAfter());
    }
    json(response, error.status(), error.json());
  }
}
