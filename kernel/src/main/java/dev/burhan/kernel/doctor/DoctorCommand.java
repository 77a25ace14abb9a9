package dev.burhan.kernel.doctor;

import dev.burhan.command.Arguments;
import dev.burhan.command.Command;
import dev.burhan.command.CommandIo;
import dev.burhan.command.Option;
import dev.burhan.kernel.config.ConfigCommand;
import dev.burhan.kernel.machine.Cpu;
import dev.burhan.kernel.machine.MachineMemory;
import dev.burhan.kernel.machine.ReadBandwidth;
import dev.burhan.kernel.report.JsonText;
import dev.burhan.provider.Host;
import dev.burhan.provider.Provider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** {@code burhan doctor}: whether Burhan can work here, and what to do if not. */
@Component(service = Provider.class)
public final class DoctorCommand implements Command {
  private final ReadBandwidth.Measure bandwidthMeasure;

  public DoctorCommand() {
    this(ReadBandwidth::measure);
  }

  /** For tests: with a shorter look at the memory. */
  DoctorCommand(ReadBandwidth.Measure bandwidthMeasure) {
    this.bandwidthMeasure = bandwidthMeasure;
  }

  @Override
  public String name() {
    return "doctor";
  }

  @Override
  public String summary() {
    return "Look at Java, machine, backends, cache and configuration; exit with 1 if something is missing.";
  }

  @Override
  public List<Option> options() {
    return List.of(Option.flag("json", "Answer in JSON."));
  }

  @Override
  public List<String> examples() {
    return List.of("burhan doctor", "burhan doctor --json");
  }

  @Override
  public int run(Arguments arguments, CommandIo io, Host host) throws InterruptedException {
    Cpu cpu = Cpu.read();
    double bandwidth =
        bandwidthMeasure.measure(host.memory(), Runtime.getRuntime().availableProcessors());
    List<Finding> findings = new ArrayList<>();
    findings.addAll(JvmCheck.findings(MachineMemory.usable()));
    findings.addAll(MachineCheck.findings(cpu, bandwidth));
    findings.addAll(new PartsCheck(host).findings());
    boolean usable =
        findings.stream().noneMatch(finding -> finding.level() == Finding.Level.FAILURE);
    if (arguments.flag("json")) {
      io.out().println(JsonText.of(json(usable, cpu, bandwidth, findings, host)));
    } else {
      findings.forEach(finding -> print(finding, io));
      io.out().println(usable ? "Burhan can work here." : "Burhan can't work here like this.");
    }
    return usable ? DONE : FAILED;
  }

  private static void print(Finding finding, CommandIo io) {
    String mark =
        switch (finding.level()) {
          case OK -> "  ";
          case WARNING -> "! ";
          case FAILURE -> "X ";
        };
    io.out().printf("%s%-26s %s%n", mark, finding.topic(), finding.text());
    if (!finding.advice().isEmpty()) {
      io.out().printf("%s%-26s -> %s%n", "  ", "", finding.advice());
    }
  }

  private static Map<String, Object> json(
      boolean usable, Cpu cpu, double bandwidth, List<Finding> findings, Host host) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("usable", usable);
    json.put("java", Runtime.version().toString());
    json.put("java_home", System.getProperty("java.home"));
    json.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    json.put("cpu", cpu.model());
    json.put("cpu_features", cpu.features());
    json.put("processors", Runtime.getRuntime().availableProcessors());
    MachineMemory.usable().ifPresent(bytes -> json.put("memory_bytes", bytes));
    json.put("heap_bytes", Runtime.getRuntime().maxMemory());
    json.put("read_bandwidth_bytes_per_second", bandwidth);
    json.put("findings", findings.stream().map(DoctorCommand::json).toList());
    json.put("configuration", ConfigCommand.json(host));
    return json;
  }

  private static Map<String, Object> json(Finding finding) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("topic", finding.topic());
    json.put("level", finding.level().name().toLowerCase(Locale.ROOT));
    json.put("text", finding.text());
    json.put("advice", finding.advice());
    return json;
  }
}
