package dev.burhan.catalog;

import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A source does not give the file: the next one is asked. What is wrong with the cache itself is a
 * {@link BurhanException} instead.
 */
final class Problem extends Exception {
  private static final long serialVersionUID = 1L;

  Problem(String message) {
    super(message);
  }

  Problem(String message, Throwable cause) {
    super(message, cause);
  }

  /** An exception's cause in words for people, in one line. */
  static String words(IOException e) {
    String message = e.getMessage() == null ? "" : e.getMessage().lines().findFirst().orElse("");
    return switch (e) {
      case UnknownHostException _ ->
          "the name " + message.split(":")[0] + " is not known here (no network?)";
      case SocketTimeoutException _ ->
          message.toLowerCase(Locale.ROOT).contains("connect")
              ? "no connection in time"
              : "it stopped sending";
      case NoRouteToHostException _, ConnectException _ -> "no connection (" + message + ")";
      case AccessDeniedException _ -> "no permission";
      case NoSuchFileException _ -> "there is no such file";
      case FileSystemException failed when failed.getReason() != null -> failed.getReason();
      default -> message.isEmpty() ? e.getClass().getSimpleName() : message;
    };
  }

  /** The cache's disk or folder refuses. */
  static BurhanException local(Path path, IOException e) {
    String words = words(e);
    String remedy =
        words.toLowerCase(Locale.ROOT).contains("space") || words.contains("quota")
            ? "; free some room, or set BURHAN_CACHE to a folder on another disk"
            : "; set BURHAN_CACHE to a folder that can be written";
    return new BurhanException(path + ": can't be written: " + words + remedy, e);
  }
}
