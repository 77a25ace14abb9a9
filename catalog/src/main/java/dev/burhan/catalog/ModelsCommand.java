package dev.burhan.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.burhan.checkpoint.ModelCatalog;
import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan models}: what the catalogues have, and what of it is on this machine. */
@Component(service = Provider.class)
public final class ModelsCommand implements Command {

  private record Row(ModelCatalog.Entry entry, Optional<Path> file) {}

  @Override
  public String name() {
    return "models";
  }

  @Override
  public String summary() {
    return "List the models that can be used by name, and which of them are here.";
  }

  @Override
  public List<Option> options() {
    return List.of(Option.flag("json", "Print an array of objects instead of a table."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan models", "burhan models --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws IOException {
    if (!arguments.operands().isEmpty()) {
      throw new UsageException(
          "models takes no operand, found '" + arguments.operands().getFirst() + "'");
    }
    var rows = new ArrayList<Row>();
    for (ModelCatalog catalog : host.providers(ModelCatalog.class)) {
      catalog.entries().forEach(entry -> rows.add(new Row(entry, catalog.cached(entry.name()))));
    }
    if (arguments.flag("json")) {
      io.out().println(json(rows));
    } else {
      table(rows, io.out());
    }
    return DONE;
  }

  private static void table(List<Row> rows, PrintStream out) {
    int width = rows.stream().mapToInt(row -> row.entry.name().length()).max().orElse(4);
    String line = "%-" + Math.max(4, width) + "s  %8s  %-12s  %s%n";
    out.printf(line, "NAME", "SIZE", "LICENCE", "WHERE");
    for (Row row : rows) {
      String where =
          row.file
              .map(Path::toString)
              .orElse("not here yet; " + String.join(", then ", row.entry.sources()));
      String megabytes = String.format(Locale.ROOT, "%.0f MB", row.entry.bytes() / 1e6);
      out.printf(line, row.entry.name(), megabytes, row.entry.licence(), where);
    }
  }

  private static String json(List<Row> rows) throws IOException {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartArray();
      for (Row row : rows) {
        json.writeStartObject();
        json.writeStringField("name", row.entry.name());
        json.writeStringField("title", row.entry.title());
        json.writeStringField("licence", row.entry.licence());
        json.writeNumberField("bytes", row.entry.bytes());
        json.writeStringField("sha256", row.entry.sha256());
        json.writeBooleanField("present", row.file.isPresent());
        if (row.file.isPresent()) {
          json.writeStringField("file", row.file.get().toString());
        }
        json.writeArrayFieldStart("sources");
        for (String source : row.entry.sources()) {
          json.writeString(source);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return text.toString();
  }
}
