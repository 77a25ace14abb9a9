package dev.burhan.catalog;

import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Downloads a file whose size is known, going on where an earlier try ended (RFC 9110, section 14).
 * What fails for a moment is tried again with growing pauses; a server that can't be reached at all
 * is not, since the next source waits.
 */
final class WebDownload {
  private static final int MOST_REDIRECTS = 10;
  private static final int RANGE_REFUSED = 416;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> MOMENTARY = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");

  private final Settings settings;
  private final String sha256;
  private final long bytes;

  /** A failure that may be over at the next try. */
  private static final class Momentary extends Exception {
    private static final long serialVersionUID = 1L;
    private final Duration atLeast;

    Momentary(String message, Duration atLeast) {
      super(message);
      this.atLeast = atLeast;
    }
  }

  WebDownload(Settings settings, long bytes, String sha256) {
    this.settings = settings;
    this.bytes = bytes;
    this.sha256 = sha256;
  }

  /**
   * Completes the file; what has arrived stays in it if that fails.
   *
   * @throws Problem if this source does not give it
   */
  void complete(URI address, Partial file, LongConsumer progress) throws Problem {
    if (settings.offline()) {
      throw new Problem("HF_HUB_OFFLINE is set");
    }
    Duration pause = settings.backOff();
    for (int attempt = 1; file.size() < bytes; attempt++) {
      long before = file.size();
      try {
        attempt(address, file, progress);
      } catch (Momentary e) {
        if (file.size() > before) { // it got on: count anew
          attempt = 1;
          pause = settings.backOff();
        }
        if (attempt >= settings.attempts()) {
          throw new Problem(e.getMessage() + " (after " + attempt + " tries)", e);
        }
        pause(longer(pause, e.atLeast));
        pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
      }
    }
  }

  private void attempt(URI address, Partial file, LongConsumer progress) throws Problem, Momentary {
    long from = file.size();
    boolean answered = false;
    try {
      HttpURLConnection answer = answer(address, from);
      answered = true;
      try (InputStream in = body(answer, file)) {
        file.append(in, bytes, progress);
      } finally {
        answer.disconnect();
      }
    } catch (IOException e) {
      if (!answered && from == 0 && isUnreachable(e)) {
        throw new Problem(Problem.words(e), e);
      }
      throw new Momentary(Problem.words(e), Duration.ZERO);
    }
    if (file.size() < bytes) {
      throw new Momentary(
          "the answer ended at byte " + file.size() + " of " + bytes, Duration.ZERO);
    }
  }

  private static boolean isUnreachable(IOException e) {
    return e instanceof UnknownHostException
        || e instanceof ConnectException
        || e instanceof java.net.NoRouteToHostException
        || e instanceof javax.net.ssl.SSLException
        || e instanceof SocketTimeoutException && Problem.words(e).equals("no connection in time");
  }

  /** Follows redirects by hand: the token must not go to another host, nor https lead to http. */
  private HttpURLConnection answer(URI address, long from) throws IOException, Problem, Momentary {
    URI at = address;
    for (int i = 0; i <= MOST_REDIRECTS; i++) {
      HttpURLConnection connection = connect(at, from);
      int status = connection.getResponseCode();
      checkLinkedFile(connection);
      if (!REDIRECTS.contains(status)) {
        return connection;
      }
      String location = connection.getHeaderField("Location");
      connection.disconnect();
      at = redirected(at, location);
    }
    throw new Problem("more than " + MOST_REDIRECTS + " redirects");
  }

  private static URI redirected(URI from, String location) throws Problem {
    try {
      URI to = from.resolve(location == null ? "" : location);
      boolean web =
          "https".equals(to.getScheme())
              || "http".equals(to.getScheme()) && "http".equals(from.getScheme());
      if (location != null && web && to.getHost() != null) {
        return to;
      }
    } catch (IllegalArgumentException e) {
      // falls through to the one error below
    }
    throw new Problem("it redirects to an address that is not followed: " + location);
  }

  private HttpURLConnection connect(URI at, long from) throws IOException {
    requireKnownHost(at);
    var connection = (HttpURLConnection) at.toURL().openConnection();
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setConnectTimeout((int) settings.connectTimeout().toMillis());
    connection.setReadTimeout((int) settings.stallTimeout().toMillis());
    connection.setRequestProperty("User-Agent", "burhan");
    connection.setRequestProperty(
        "Accept-Encoding", "identity"); // a packed answer can't be gone on with
    if (from > 0) {
      connection.setRequestProperty("Range", "bytes=" + from + "-");
    }
    token(at).ifPresent(token -> connection.setRequestProperty("Authorization", "Bearer " + token));
    return connection;
  }

  Optional<String> token(URI at) {
    URI hub = settings.hub();
    boolean itself =
        "https".equals(at.getScheme())
            && hub.getHost().equalsIgnoreCase(at.getHost())
            && hub.getPort() == at.getPort();
    return itself && "https".equals(hub.getScheme()) ? settings.token() : Optional.empty();
  }

  /**
   * Looking up a name has no timeout of its own, and takes long where a firewall swallows the
   * question.
   */
  private void requireKnownHost(URI at) throws IOException {
    for (Proxy proxy : ProxySelector.getDefault().select(at)) {
      if (proxy.type() != Proxy.Type.DIRECT) {
        return; // the proxy looks it up
      }
    }
    var lookUp = new FutureTask<>(() -> InetAddress.getAllByName(at.getHost()));
    Thread.ofPlatform().daemon().name("burhan-look-up").start(lookUp);
    try {
      lookUp.get(settings.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new UnknownHostException(at.getHost());
    } catch (TimeoutException e) {
      throw new SocketTimeoutException("connect: looking up " + at.getHost());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** The hub tells a large file's SHA-256 and size before it sends it. */
  private void checkLinkedFile(HttpURLConnection connection) throws Problem {
    String tag = connection.getHeaderField("X-Linked-Etag");
    if (tag != null && tag.matches("\"?[0-9a-f]{64}\"?") && !tag.replace("\"", "").equals(sha256)) {
      throw new Problem(
          "it has another file under this name (SHA-256 " + tag.replace("\"", "") + ")");
    }
  }

  private InputStream body(HttpURLConnection answer, Partial file)
      throws IOException, Problem, Momentary {
    int status = answer.getResponseCode();
    if (status == HttpURLConnection.HTTP_OK) {
      requireSize(answer.getContentLengthLong());
      if (file.size() > 0) {
        file.clear(); // it does not know ranges, and sends all of it
      }
      return answer.getInputStream();
    }
    if (status == HttpURLConnection.HTTP_PARTIAL) {
      Matcher range = CONTENT_RANGE.matcher(String.valueOf(answer.getHeaderField("Content-Range")));
      if (!range.matches() || Long.parseLong(range.group(1)) != file.size()) {
        throw new Problem("it answers with another range of the file than was asked for");
      }
      requireSize(range.group(2).equals("*") ? -1 : Long.parseLong(range.group(2)));
      return answer.getInputStream();
    }
    if (status == RANGE_REFUSED) {
      file.clear();
      throw new Momentary("it has no byte " + file.size(), Duration.ZERO);
    }
    if (MOMENTARY.contains(status)) {
      throw new Momentary("HTTP status " + status, retryAfter(answer));
    }
    throw new Problem(refusal(status));
  }

  private void requireSize(long found) throws Problem {
    if (found >= 0 && found != bytes) {
      throw new Problem("it has a file of " + found + " bytes; expected " + bytes);
    }
  }

  private static String refusal(int status) {
    return switch (status) {
      case 401, 403 ->
          "HTTP status "
              + status
              + ": it asks for permission (set HF_TOKEN if the model is restricted)";
      case 404, 410 -> "HTTP status " + status + ": it does not have the file";
      default -> "HTTP status " + status;
    };
  }

  private static Duration retryAfter(HttpURLConnection answer) {
    String seconds = answer.getHeaderField("Retry-After");
    return seconds != null && seconds.matches("\\d{1,4}")
        ? shorter(Duration.ofSeconds(Long.parseLong(seconds)), LONGEST_PAUSE)
        : Duration.ZERO;
  }

  private static void pause(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static BurhanException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new BurhanException("the download was interrupted", e);
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }
}
