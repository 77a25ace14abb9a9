package dev.burhan.server;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Locale;

/**
 * Keeps pages of other sites out. A browser sends a page's origin (RFC 6454) with every request
 * that could change something; what is no browser sends none. Comparing with the Host header alone
 * would not do on loopback: a page's own name can be made to resolve to 127.0.0.1 (DNS rebinding).
 */
final class Origins {
  private Origins() {}

  static void check(HttpServletRequest request, boolean loopback) {
    String origin = request.getHeader("Origin");
    if (origin != null && !allowed(origin, request.getHeader("Host"), loopback)) {
      throw ApiError.invalid(
          403,
          "origin_not_allowed",
          null,
          "Pages of the origin '%s' may not use this server.".formatted(origin));
    }
  }

  private static boolean allowed(String origin, String host, boolean loopback) {
    URI page;
    try {
      page = URI.create(origin);
    } catch (IllegalArgumentException e) {
      return false;
    }
    return page.getHost() != null
        && page.getRawAuthority().equalsIgnoreCase(host)
        && (!loopback || isThisMachine(page.getHost().toLowerCase(Locale.ROOT)));
  }

  private static boolean isThisMachine(String host) {
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.\\d{1,3}){3}");
  }
}
