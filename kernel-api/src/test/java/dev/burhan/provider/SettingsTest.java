package dev.burhan.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.burhan.provider.Settings.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  private static final String PID = "dev.example";

  @TempDir Path conf;
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();

  private Settings settings() {
    return new Settings(properties::get, environment::get, Optional.of(conf));
  }

  private Optional<Setting> hub() {
    return settings().find(PID, "model.hub", List.of("HF_ENDPOINT"));
  }

  private static Setting hub(String value, String origin) {
    return new Setting("model.hub", value, origin);
  }

  @Test
  void propertyGoesBeforeEnvironmentBeforeFile() throws IOException {
    assertEquals(Optional.empty(), hub());
    Files.writeString(conf.resolve(PID + ".cfg"), "model.hub = d\n");
    assertEquals(Optional.of(hub("d", "conf/dev.example.cfg")), hub());
    environment.put("HF_ENDPOINT", "c");
    assertEquals(Optional.of(hub("c", "environment HF_ENDPOINT")), hub());
    environment.put("BURHAN_MODEL_HUB", "b");
    assertEquals(Optional.of(hub("b", "environment BURHAN_MODEL_HUB")), hub());
    properties.put("burhan.model.hub", "a");
    assertEquals(Optional.of(hub("a", "system property burhan.model.hub")), hub());
  }

  @Test
  void emptyValueCountsAsNone() {
    properties.put("burhan.model.hub", " ");
    environment.put("BURHAN_MODEL_HUB", " b ");
    assertEquals(Optional.of(hub("b", "environment BURHAN_MODEL_HUB")), hub());
  }

  @Test
  void configAdminStandsWhereTheFileWouldButNotBeforeTheEnvironment() throws IOException {
    Files.writeString(conf.resolve(PID + ".cfg"), "model.hub = file\n");
    Settings settings =
        settings().withConfigAdmin(PID, Map.of("model.hub", "admin", "component.name", "x"));
    assertEquals("ConfigAdmin", settings.find(PID, "model.hub", List.of()).orElseThrow().origin());
    assertEquals(Set.of("model.hub"), settings.storedKeys(PID));
    environment.put("BURHAN_MODEL_HUB", "b");
    assertEquals("b", settings.find(PID, "model.hub", List.of()).orElseThrow().value());
  }

  @Test
  void componentThatConfigAdminDoesNotKnowKeepsItsFile() throws IOException {
    Files.writeString(conf.resolve(PID + ".cfg"), "model.hub = file\n");
    Settings settings =
        settings().withConfigAdmin(PID, Map.of("component.id", 3L, "osgi.ds.x", "y"));
    assertEquals("file", settings.find(PID, "model.hub", List.of()).orElseThrow().value());
  }

  @Test
  void fileThatCanNotBeReadIsAnError() throws IOException {
    Files.createDirectory(conf.resolve(PID + ".cfg"));
    assertTrue(assertThrows(BurhanException.class, this::hub).getMessage().contains(".cfg"));
  }
}
