package dev.burhan.kernel.command;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.kernel.config.EngineConfiguration;
import dev.burhan.kernel.packed.PackedFolder;
import dev.burhan.kernel.report.Amount;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.BurhanException;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import dev.burhan.provider.UsageException;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** {@code burhan cache}: the packed weights on the disk. */
@Component(service = Provider.class)
public final class CacheCommand implements Command {

  @Override
  public String name() {
    return "cache";
  }

  @Override
  public String summary() {
    return "List the packed weights that are kept on the disk, or delete them: cache clear.";
  }

  @Override
  public Optional<String> operand() {
    return Optional.of("list|clear");
  }

  @Override
  public List<Option> options() {
    return List.of(Option.flag("json", "Answer in JSON."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan cache", "burhan cache list --json", "burhan cache clear");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) {
    String what = arguments.operands().isEmpty() ? "list" : arguments.operands().getFirst();
    if (arguments.operands().size() > 1 || !List.of("list", "clear").contains(what)) {
      throw new UsageException(
          "cache takes 'list' or 'clear', found '" + String.join(" ", arguments.operands()) + "'");
    }
    Optional<PackedFolder> folder = EngineConfiguration.packedFolder(host);
    if (folder.isEmpty()) {
      throw new BurhanException(
          "no packed weights are kept: packed.cache is false, or there is neither packed.folder nor"
              + " a catalogue; see 'burhan config'");
    }
    try {
      if (what.equals("clear")) {
        clear(folder.get(), arguments.flag("json"), io);
      } else {
        list(folder.get(), arguments.flag("json"), io);
      }
      return DONE;
    } catch (IOException e) {
      throw new BurhanException(folder.get().root() + " can't be read or written: " + e, e);
    }
  }

  private static void clear(PackedFolder folder, boolean json, CommandIo io) throws IOException {
    long freed = folder.clear();
    io.out()
        .println(
            json
                ? JsonText.of(Map.of("freed_bytes", freed))
                : Amount.bytes(freed) + " freed in " + folder.root());
  }

  private static void list(PackedFolder folder, boolean json, CommandIo io) throws IOException {
    List<PackedFolder.Entry> entries = folder.entries().reversed();
    if (json) {
      List<Map<String, Object>> all = new ArrayList<>();
      for (PackedFolder.Entry entry : entries) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("model", entry.source());
        one.put("sha256", entry.model());
        one.put("layout", entry.layout());
        one.put("bytes", entry.bytes());
        one.put("used", entry.used().toString());
        one.put("folder", entry.folder().toString());
        all.add(one);
      }
      io.out().println(JsonText.of(all));
      return;
    }
    long bytes = 0;
    for (PackedFolder.Entry entry : entries) {
      bytes += entry.bytes();
      io.out()
          .printf(
              "%10s  %-20s  %-20s  %s%n",
              Amount.bytes(entry.bytes()),
              used(entry.used()),
              entry.layout(),
              entry.source().isEmpty() ? entry.model() : entry.source());
    }
    io.out()
        .printf(
            "%10s  of at most %s in %s%n",
            Amount.bytes(bytes), Amount.bytes(folder.mostBytes()), folder.root());
  }

  private static String used(Instant used) {
    return used.equals(Instant.EPOCH) ? "-" : used.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
