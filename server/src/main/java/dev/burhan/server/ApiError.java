package dev.burhan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A request that is answered with an error, in OpenAI's shape. The status decides which class of
 * error the openai clients throw.
 */
final class ApiError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final String INVALID = "invalid_request_error";
  static final String SERVER = "server_error";

  private final int status;
  private final String type;
  private final String param;
  private final String code;
  private final int retryAfter;

  private ApiError(
      int status, String type, String message, String param, String code, int retryAfter) {
    super(message);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /**
   * The client's request is wrong.
   *
   * @param param the parameter at fault, such as {@code messages[0].role}; null if it is none
   */
  static ApiError invalid(int status, String code, String param, String message) {
    return new ApiError(status, INVALID, message, param, code, 0);
  }

  static ApiError badValue(String param, String message) {
    return invalid(400, "invalid_value", param, message);
  }

  static ApiError badType(String param, String expected, String found) {
    return invalid(
        400,
        "invalid_type",
        param,
        "Invalid type for '%s': expected %s, found %s.".formatted(param, expected, found));
  }

  static ApiError unsupported(String param, String message) {
    return invalid(400, "unsupported_parameter", param, message);
  }

  /** It could be answered at another time. */
  static ApiError unavailable(String code, String message, int retryAfterSeconds) {
    return new ApiError(503, SERVER, message, null, code, retryAfterSeconds);
  }

  static ApiError internal(String message) {
    return new ApiError(500, SERVER, message, null, "internal_error", 0);
  }

  int status() {
    return status;
  }

  /** Seconds after which a new try makes sense; 0 if that is not known. */
  int retryAfter() {
    return retryAfter;
  }

  ObjectNode json() {
    ObjectNode root = Json.object();
    root.putObject("error")
        .put("message", getMessage())
        .put("type", type)
        .put("param", param)
        .put("code", code);
    return root;
  }
}
