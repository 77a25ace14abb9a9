package dev.burhan.catalog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchFromWebTest {
  @TempDir Path folder;

  private LoopbackHub hub;
  private Scene scene;

  @BeforeEach
  void start() throws IOException {
    hub = new LoopbackHub(Scene.CONTENT);
    scene = new Scene(folder).hub(hub.address());
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private void fetched() throws IOException {
    Path file = scene.catalogue().fetch(Scene.NAME, Progress.NONE);
    assertEquals(scene.file(), file);
    assertArrayEquals(Scene.CONTENT, Files.readAllBytes(file));
    assertFalse(Files.exists(scene.beside(".part")));
  }

  private BurhanException refused(String... parts) {
    var e =
        assertThrows(
            BurhanException.class, () -> scene.catalogue().fetch(Scene.NAME, Progress.NONE));
    for (String part : parts) {
      assertTrue(
          e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
    }
    assertEquals(1, e.getMessage().lines().count(), e::getMessage);
    assertFalse(Files.exists(scene.file()));
    return e;
  }

  @Test
  void aModelComesFromTheHubsResolvePath() throws IOException {
    fetched();
    assertEquals(List.of("/owner/repository/resolve/main/file.gguf"), hub.paths());
  }

  @Test
  void whatIsThereIsNotFetchedAgain() throws IOException {
    fetched();
    fetched();
    assertEquals(1, hub.paths().size());
  }

  @Test
  void aFileThatWasPutThereByHandIsCheckedOnce() throws IOException {
    scene.lay("", Scene.CONTENT);
    var told = Collections.synchronizedList(new ArrayList<String>());
    Progress listener = (what, done, total) -> told.add(what);
    scene.catalogue().fetch(Scene.NAME, listener);
    assertTrue(told.contains("checking tiny"), told::toString);
    told.clear();
    scene.catalogue().fetch(Scene.NAME, listener);
    assertEquals(List.of(), told);
    assertEquals(List.of(), hub.paths());
  }

  @Test
  void aFileThatChangedSinceItWasCheckedIsFetchedAgain() throws IOException {
    fetched();
    byte[] damaged = Scene.CONTENT.clone();
    damaged[5] ^= 1;
    Files.write(scene.file(), damaged);
    Files.setLastModifiedTime(scene.file(), java.nio.file.attribute.FileTime.fromMillis(1_000_000));
    fetched();
    assertEquals(2, hub.paths().size());
  }

  @Test
  void redirectsAreFollowed() throws IOException {
    hub.then(
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/elsewhere");
          exchange.sendResponseHeaders(302, -1);
        });
    fetched();
    assertEquals(List.of("/owner/repository/resolve/main/file.gguf", "/elsewhere"), hub.paths());
  }

  @Test
  void redirectsInACircleEnd() {
    for (int i = 0; i < 30; i++) {
      hub.then(
          exchange -> {
            exchange.getResponseHeaders().add("Location", "/round");
            exchange.sendResponseHeaders(307, -1);
          });
    }
    refused("more than 10 redirects");
  }

  @Test
  void redirectsToOtherKindsOfAddressesAreNotFollowed() {
    hub.then(
        exchange -> {
          exchange.getResponseHeaders().add("Location", "file:///etc/passwd");
          exchange.sendResponseHeaders(302, -1);
        });
    refused("an address that is not followed: file:///etc/passwd");
  }

  @Test
  void anInterruptedDownloadGoesOn() throws IOException {
    scene.lay(".part", Arrays.copyOf(Scene.CONTENT, 400_000));
    fetched();
    assertEquals(List.of("bytes=400000-"), hub.ranges());
  }

  @Test
  void anAnswerThatBreaksOffIsGoneOnWith() throws IOException {
    hub.thenBreakAfter(300_000);
    fetched();
    assertEquals(2, hub.ranges().size()); // from where depends on what the system still delivered
  }

  @Test
  void aStalledAnswerIsGivenUpAndGoneOnWith() throws IOException {
    scene.stallTimeout(Duration.ofMillis(400));
    hub.thenStallAfter(300_000);
    fetched();
    assertTrue(hub.ranges().size() >= 2, hub.ranges()::toString);
  }

  @Test
  void aServerWithoutRangesSendsAllAgain() throws IOException {
    scene.lay(".part", Arrays.copyOf(Scene.CONTENT, 400_000));
    hub.then(exchange -> LoopbackHub.send(exchange, Scene.CONTENT, null));
    fetched();
  }

  @Test
  void aWrongHalfIsFetchedAsAWhole() throws IOException {
    scene.lay(".part", new byte[400_000]);
    fetched();
    assertEquals(List.of("bytes=400000-", ""), hub.ranges());
  }

  @Test
  void aPartThatIsTooLongIsThrownAway() throws IOException {
    scene.lay(".part", new byte[1_000_001]);
    fetched();
  }

  @Test
  void serverErrorsAreTriedAgain() throws IOException {
    hub.thenStatus(503).thenStatus(502);
    fetched();
    assertEquals(3, hub.paths().size());
  }

  @Test
  void serverErrorsThatStayEndTheTries() {
    hub.thenStatus(500).thenStatus(500).thenStatus(500).thenStatus(500);
    refused(
        "model hub owner/repository: HTTP status 500 (after 3 tries)",
        "by other means",
        scene.file().toString());
    assertEquals(3, hub.paths().size());
  }

  @Test
  void refusalsAreNotTriedAgain() {
    hub.thenStatus(404);
    refused("HTTP status 404: it does not have the file");
    hub.thenStatus(401);
    refused("HTTP status 401", "HF_TOKEN");
    assertEquals(2, hub.paths().size());
  }

  @Test
  void anotherFileIsRefused() {
    byte[] other = new byte[Scene.CONTENT.length];
    hub.then(exchange -> LoopbackHub.send(exchange, other, null));
    refused(
        "it has another file: SHA-256 d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025 instead of");
  }

  @Test
  void aFileOfAnotherSizeIsRefusedBeforeItIsReceived() {
    hub.then(exchange -> LoopbackHub.send(exchange, new byte[77], null));
    refused("it has a file of 77 bytes; expected 1000000");
  }

  @Test
  void theHubsOwnChecksumIsBelievedBeforeTheDownload() {
    hub.then(
        exchange -> {
          exchange.getResponseHeaders().add("X-Linked-Etag", "\"" + "0".repeat(64) + "\"");
          LoopbackHub.send(exchange, Scene.CONTENT, null);
        });
    refused("another file under this name (SHA-256 0000");
  }

  @Test
  void anEndlessAnswerIsCutShort() {
    hub.then(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] block = new byte[1 << 16];
          for (int i = 0; i < 1_000; i++) {
            exchange.getResponseBody().write(block);
          }
        });
    refused("it sends more than the 1000000 bytes");
  }

  @Test
  void theNextSourceIsAskedWhenOneIsOutOfReach() throws IOException {
    int closed;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    scene.sources(
        "url http://127.0.0.1:" + closed + "/x",
        "url http://no-such-host.invalid/x",
        "url " + hub.address() + "/third");
    fetched();
    assertEquals(List.of("/third"), hub.paths());
  }

  @Test
  void allAnswersAreToldWhenNoSourceHasIt() {
    scene.sources(
        "url http://no-such-host.invalid/x",
        "url " + hub.address() + "/gone",
        "pypi tiny==1.0 tiny/data");
    hub.thenStatus(404);
    refused(
        "the name no-such-host.invalid is not known here",
        "HTTP status 404",
        "pip is not installed (tried no-such-pip)");
  }

  @Test
  void nothingIsAskedOfTheNetworkWhenOffline() {
    scene.offline();
    refused("HF_HUB_OFFLINE is set");
    assertEquals(List.of(), hub.paths());
  }

  @Test
  void theTokenGoesToTheHubOverHttpsOnly() throws IOException {
    scene.token("secret");
    fetched();
    assertEquals(List.of("null"), hub.authorizations());
    scene.hub(URI.create("https://hub.example"));
    var download = new WebDownload(scene.settings(), 1, "");
    assertEquals(Optional.of("secret"), download.token(URI.create("https://hub.example/a")));
    for (String other :
        List.of(
            "http://hub.example/a",
            "https://cdn.example/a",
            "https://hub.example:8443/a",
            "https://hub.example.evil/a")) {
      assertEquals(Optional.empty(), download.token(URI.create(other)), other);
    }
  }

  @Test
  void aDiskWithoutRoomIsSaidBeforeTheDownload() {
    scene.bytes(1L << 59);
    refused("tiny needs", "but the disk has room for", "BURHAN_CACHE");
    assertEquals(List.of(), hub.paths());
  }

  @Test
  void aDiskThatGetsFullOnTheWayIsSaidAndNotTakenForTheSourcesFault() throws IOException {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "skipped: no /dev/full here");
    Files.createDirectories(scene.file().getParent());
    Files.createSymbolicLink(scene.beside(".part"), full);
    scene.sources("hub owner/repository main file.gguf", "url " + hub.address() + "/second");
    refused("tiny.gguf.part: can't be written: No space left on device; free some room");
    Files.delete(scene.beside(".part"));
    assertEquals(1, hub.paths().size());
  }

  @Test
  void aCacheThatCanNotBeMadeIsSaid() throws IOException {
    Files.writeString(scene.cache(), "a file where the folder should be");
    refused("can't be written", "BURHAN_CACHE");
  }

  @Test
  void fetchesAtOnceDownloadOnce() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Path>> fetches = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        fetches.add(threads.submit(() -> scene.catalogue().fetch(Scene.NAME, Progress.NONE)));
      }
      for (Future<Path> fetch : fetches) {
        assertEquals(scene.file(), fetch.get());
      }
    }
    assertEquals(1, hub.paths().size());
  }

  @Test
  void processesAtOnceDownloadOnce() throws Exception {
    Path definition = scene.definition();
    var processes = new ArrayList<Process>();
    for (int i = 0; i < 2; i++) {
      var builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx64m",
              "-Dburhan.hub=" + hub.address(),
              "-Dburhan.catalogue=" + definition,
              "-Dburhan.cache=" + scene.cache(),
              "-cp",
              System.getProperty("java.class.path"),
              FetchMain.class.getName());
      processes.add(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }
    for (Process process : processes) {
      String out =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor());
      assertEquals(scene.file().toString(), out.strip());
    }
    assertEquals(1, hub.paths().size());
  }
}
