package dev.burhan.e2e;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What goes wrong in everyday use is one line that says what to do, and the exit code tells whose
 * fault it is. (A taken port: {@link ServeTest}; torn files: {@link DistributionTest}.)
 */
class ErrorLinesTest {
  @TempDir Path temp;

  private Shell.Result run(Shell shell, Object model) throws Exception {
    return shell
        .in(temp)
        .run(Places.distribution().resolve("bin/burhan"), "run", "--model", model, "hello")
        .saysOneLine();
  }

  @Test
  void pathOfNoModelIsWrongUsage() throws Exception {
    run(new Shell(), "models/none.gguf").exitsWith(2).says("models/none.gguf");
  }

  @Test
  void misspeltModelIsWrongUsageAndToldWhichThereAre() throws Exception {
    run(new Shell(), "smolm2").exitsWith(2).says("'smolm2'").says("smollm2");
  }

  @Test
  void folderWithoutConfigFails() throws Exception {
    Path folder = Files.createDirectories(temp.resolve("folder"));
    Files.writeString(folder.resolve("readme.txt"), "nothing here");
    run(new Shell(), folder).exitsWith(1).says("folder").says("config.json");
  }

  @Test
  void emptyFolderFails() throws Exception {
    run(new Shell(), Files.createDirectories(temp.resolve("empty"))).exitsWith(1).says("empty");
  }

  @Test
  void textCalledGgufFails() throws Exception {
    Path file = Files.writeString(temp.resolve("letter.gguf"), "Dear reader,\nthis is no model.\n");
    run(new Shell(), file).exitsWith(1).says("letter.gguf").says("GGUF");
  }

  @Test
  void misspeltBackendIsWrongUsage() throws Exception {
    new Shell()
        .run(
            Places.distribution().resolve("bin/burhan"),
            "run",
            "--model",
            Needs.smolLm2(),
            "--backend",
            "vectr",
            "hello")
        .exitsWith(2)
        .saysOneLine()
        .says("vectr");
  }

  /** The part of a download that is there already is a device that takes no byte. */
  @Test
  void fullDiskInTheCacheFails() throws Exception {
    Path full = Path.of("/dev/full");
    Needs.check(Files.exists(full), "/dev/full is missing: this test needs Linux");
    Path models = Files.createDirectories(temp.resolve("cache/models/tiny"));
    Files.createSymbolicLink(models.resolve("tiny.gguf.part"), full);
    HttpServer server = serveTiny();
    try {
      Path catalogue =
          Files.writeString(
              temp.resolve("catalogue.properties"),
              """
              models = tiny
              tiny.title = Tiny
              tiny.licence = MIT
              tiny.file = models/tiny/tiny.gguf
              tiny.bytes = 4
              tiny.sha256 = 0000000000000000000000000000000000000000000000000000000000000000
              tiny.source.1 = url http://127.0.0.1:%d/tiny
              """
                  .formatted(server.getAddress().getPort()));
      run(
              new Shell()
                  .with("BURHAN_CACHE", temp.resolve("cache"))
                  .with("BURHAN_CATALOGUE", catalogue),
              "tiny")
          .exitsWith(1)
          .says("No space left on device")
          .says("BURHAN_CACHE");
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer serveTiny() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/tiny",
        exchange -> {
          exchange.sendResponseHeaders(200, 4);
          exchange.getResponseBody().write(new byte[4]);
          exchange.close();
        });
    server.start();
    return server;
  }
}
