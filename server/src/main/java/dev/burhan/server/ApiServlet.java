package dev.burhan.server;

import dev.burhan.provider.BurhanException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all endpoints have in common: errors in OpenAI's shape, and a line in the access log. */
abstract class ApiServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  /** Request attribute: what an endpoint adds to the access log's line. */
  static final String NOTE = "dev.burhan.server.note";

  private static final Logger LOG = LoggerFactory.getLogger(ApiServlet.class);
  private static final Logger ACCESS = LoggerFactory.getLogger("dev.burhan.server.access");

  private final transient Set<String> methods;

  ApiServlet(String... methods) {
    this.methods = new TreeSet<>(Set.of(methods));
  }

  /** Answers a request of an allowed method. */
  abstract void answer(HttpServletRequest request, HttpServletResponse response)
      throws IOException, InterruptedException;

  @Override
  protected final void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    long began = System.nanoTime();
    String outcome = "";
    try {
      requireMethod(request, response);
      answer(request, response);
    } catch (ApiError e) {
      refuse(request, response, e);
    } catch (BrokenOff e) {
      outcome = " broken off";
      throw e;
    } catch (IOException e) {
      outcome = " client gone"; // or too slow: nobody is left to be told
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      outcome = " interrupted";
    } catch (BurhanException e) {
      LOG.warn("a request failed: {}", e.getMessage());
      refuse(request, response, ApiError.internal(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("a request failed", e);
      if (response.isCommitted()) {
        outcome = " broken off";
        throw new BrokenOff(e.toString());
      }
      refuse(request, response, ApiError.internal("The server failed; its log says more."));
    } finally {
      log(request, response, began, outcome);
    }
  }

  /**
   * Answers with an error. Where a body was not read to its end the server closes the connection
   * after the answer; a client that is not told would send its next request into it.
   */
  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, ApiError error) throws IOException {
    boolean body =
        request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    if (body && !request.getInputStream().isFinished() && !response.isCommitted()) {
      response.setHeader("Connection", "close");
    }
    Responses.error(response, error);
  }

  private void requireMethod(HttpServletRequest request, HttpServletResponse response) {
    if (!methods.isEmpty() && !methods.contains(request.getMethod())) {
      String allowed = String.join(", ", methods);
      response.setHeader("Allow", allowed);
      throw ApiError.invalid(
          405,
          "method_not_allowed",
          null,
          "%s is not allowed on %s; allowed is %s."
              .formatted(request.getMethod(), request.getRequestURI(), allowed));
    }
  }

  private static void log(
      HttpServletRequest request, HttpServletResponse response, long began, String outcome) {
    if (ACCESS.isInfoEnabled()) {
      Object note = request.getAttribute(NOTE);
      ACCESS.info(
          "{} {} {} {}{} {} ms{}",
          request.getRemoteAddr(),
          request.getMethod(),
          request.getRequestURI(),
          response.getStatus(),
          outcome,
          (System.nanoTime() - began) / 1_000_000,
          note == null ? "" : " " + note);
    }
  }
}
