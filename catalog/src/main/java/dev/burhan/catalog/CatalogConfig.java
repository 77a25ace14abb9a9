package dev.burhan.catalog;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Where models come from and where they are kept. */
@ObjectClassDefinition(
    name = "Burhan catalogue",
    description = "Where models come from and where they are kept.")
@interface CatalogConfig {
  String HUB = "https://huggingface.co";
  int CONNECT_TIMEOUT = 5;
  int STALL_TIMEOUT = 30;

  @AttributeDefinition(
      description =
          "Folder of everything that is downloaded; empty for burhan in XDG_CACHE_HOME or ~/.cache.")
  String cache() default "";

  @AttributeDefinition(description = "The model hub's address.")
  String hub() default HUB;

  @AttributeDefinition(description = "A file with further models; empty for none.")
  String catalogue() default "";

  @AttributeDefinition(description = "The command that is pip; empty for the usual ones.")
  String pip() default "";

  @AttributeDefinition(description = "Seconds to wait for a connection, from 1 to 3600.")
  int download_connectTimeout() default CONNECT_TIMEOUT;

  @AttributeDefinition(description = "Seconds that a source may send nothing, from 1 to 3600.")
  int download_stallTimeout() default STALL_TIMEOUT;
}
