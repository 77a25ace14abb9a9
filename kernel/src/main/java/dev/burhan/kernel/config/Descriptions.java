package dev.burhan.kernel.config;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/**
 * What a definition says about its keys. Annotations of Metatype are gone at run time; bnd has
 * written them into the bundle's {@code OSGI-INF/metatype}.
 */
final class Descriptions {
  private static final Logger LOG = LoggerFactory.getLogger(Descriptions.class);

  private Descriptions() {}

  /** By key; empty where classes run without their bundle's resources. */
  static Map<String, String> of(Class<?> definition) {
    String resource = "/OSGI-INF/metatype/" + definition.getName() + ".xml";
    try (InputStream in = definition.getResourceAsStream(resource)) {
      return in == null ? Map.of() : read(in);
    } catch (IOException | SAXException | ParserConfigurationException e) {
      LOG.warn("{} can't be read, keys are shown without descriptions: {}", resource, e.toString());
      return Map.of();
    }
  }

  static Map<String, String> read(InputStream in)
      throws IOException, SAXException, ParserConfigurationException {
    var attributes =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(in)
            .getElementsByTagName("AD");
    Map<String, String> descriptions = new HashMap<>();
    for (int i = 0; i < attributes.getLength(); i++) {
      Element attribute = (Element) attributes.item(i);
      descriptions.put(attribute.getAttribute("id"), attribute.getAttribute("description"));
    }
    return descriptions;
  }
}
