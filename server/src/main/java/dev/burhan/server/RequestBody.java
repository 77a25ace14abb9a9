package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Locale;

/** Reads a request's JSON body. */
final class RequestBody {
  private RequestBody() {}

  static ObjectNode read(HttpServletRequest request, int most) throws IOException {
    requireJson(request);
    if (request.getContentLengthLong() > most) {
      throw tooLarge(most);
    }
    byte[] body = request.getInputStream().readNBytes(most + 1);
    if (body.length > most) {
      throw tooLarge(most);
    }
    return Json.parse(body);
  }

  /**
   * A page of a foreign site can't send this type without asking first, and is never allowed to.
   */
  private static void requireJson(HttpServletRequest request) {
    String type = request.getContentType();
    String[] parts = (type == null ? "" : type).toLowerCase(Locale.ROOT).split(";");
    boolean json = parts[0].strip().equals("application/json");
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().replace("\"", "");
      json &= !parameter.startsWith("charset=") || parameter.equals("charset=utf-8");
    }
    String encoding = request.getHeader("Content-Encoding");
    if (!json || encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw ApiError.invalid(
          415,
          "unsupported_media_type",
          null,
          "Expected a body of type application/json in UTF-8 without content encoding, found %s%s."
              .formatted(
                  type == null ? "no type" : "'" + type + "'",
                  encoding == null ? "" : " with encoding '" + encoding + "'"));
    }
  }

  private static ApiError tooLarge(int most) {
    return ApiError.invalid(
        413,
        "request_too_large",
        null,
        "The body is larger than the limit of %d bytes.".formatted(most));
  }
}
