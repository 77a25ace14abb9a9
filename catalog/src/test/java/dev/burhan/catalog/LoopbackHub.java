package dev.burhan.catalog;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A model hub on this machine that answers as it is told, request after request; when nothing is
 * told any more, rightly.
 */
final class LoopbackHub implements AutoCloseable {

  /** One answer. */
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final byte[] content;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Answer> told = new ArrayDeque<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private final List<String> paths = Collections.synchronizedList(new ArrayList<>());
  private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());

  LoopbackHub(byte[] content) throws IOException {
    this.content = content;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The Range header of each request that came, "" for none. */
  List<String> ranges() {
    return ranges;
  }

  List<String> paths() {
    return paths;
  }

  List<String> authorizations() {
    return authorizations;
  }

  LoopbackHub then(Answer answer) {
    told.add(answer);
    return this;
  }

  LoopbackHub thenStatus(int status) {
    return then(exchange -> exchange.sendResponseHeaders(status, -1));
  }

  /** Promises everything, and closes the connection in the middle. */
  LoopbackHub thenBreakAfter(int bytes) {
    return then(
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, bytes);
          exchange.getResponseBody().flush();
          throw new IOException("broken off, as told");
        });
  }

  /** Promises everything, and then says nothing more. */
  LoopbackHub thenStallAfter(int bytes) {
    return then(
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, bytes);
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String range = exchange.getRequestHeaders().getFirst("Range");
      ranges.add(range == null ? "" : range);
      paths.add(exchange.getRequestURI().getPath());
      authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
      Answer answer;
      synchronized (told) {
        answer = told.poll();
      }
      if (answer == null) {
        send(exchange, content, range);
      } else {
        answer.to(exchange);
      }
    }
  }

  static void send(HttpExchange exchange, byte[] content, String range) throws IOException {
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    if (range != null) {
      exchange
          .getResponseHeaders()
          .add(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
    exchange.getResponseBody().write(content, from, content.length - from);
  }

  @Override
  public void close() {
    end.countDown();
    server.stop(0);
    threads.close();
  }
}
