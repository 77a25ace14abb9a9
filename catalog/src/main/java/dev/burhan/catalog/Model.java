package dev.burhan.catalog;

import dev.burhan.checkpoint.ModelCatalog;
import java.util.List;

/**
 * A model of the catalogue.
 *
 * @param file below the cache's folder, its names divided by slashes
 */
record Model(
    String name,
    String title,
    String licence,
    String file,
    long bytes,
    String sha256,
    List<Source> sources) {

  ModelCatalog.Entry entry() {
    return new ModelCatalog.Entry(
        name, title, licence, bytes, sha256, sources.stream().map(Source::inWords).toList());
  }
}
