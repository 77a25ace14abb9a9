package dev.burhan.kernel.bench;

import dev.burhan.kernel.bench.Measurement.Decode;
import dev.burhan.kernel.bench.Measurement.Loading;
import dev.burhan.kernel.machine.Cpu;
import dev.burhan.kernel.report.Amount;
import dev.burhan.kernel.report.LoadWords;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A measurement in words and as JSON. */
final class BenchReport {
  private BenchReport() {}

  static Map<String, Object> json(Measurement measured, Cpu cpu) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", measured.model());
    json.put("architecture", measured.info().architecture());
    json.put("parameters", measured.info().parameters());
    json.put("backend", measured.backend());
    json.put("numerics", measured.plan().numerics().id());
    json.put("threads", measured.plan().limits().threads());
    json.put("repetitions", measured.workload().repetitions());
    json.put("prompt_tokens", measured.workload().prompt());
    json.put("prefill_tokens_per_second", measured.prefill().mean());
    json.put("prefill_tokens_per_second_stddev", measured.prefill().deviation());
    json.put("generated_tokens", measured.workload().generated());
    json.put("decode_tokens_per_second", measured.decode().mean());
    json.put("decode_tokens_per_second_stddev", measured.decode().deviation());
    json.put("decode_by_depth", measured.decodes().stream().map(BenchReport::json).toList());
    json.putAll(json(measured.loading()));
    json.put("time_to_first_token_seconds", measured.firstToken().mean());
    json.put("time_to_first_token_seconds_stddev", measured.firstToken().deviation());
    json.put("weight_bytes", measured.plan().weightBytes());
    json.put("weight_bytes_per_token", measured.plan().bytesPerToken());
    json.put("decode_bytes_per_second", measured.decodeBytesPerSecond());
    json.put("read_bandwidth_bytes_per_second", measured.bandwidth());
    json.put("decode_share_of_bandwidth", measured.bandwidthShare());
    measured.peakResident().ifPresent(bytes -> json.put("peak_resident_bytes", bytes));
    json.put("cpu", cpu.model());
    json.put("cpu_features", cpu.features());
    json.put("processors", Runtime.getRuntime().availableProcessors());
    json.put("java", Runtime.version().toString());
    json.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    return json;
  }

  private static Map<String, Object> json(Loading loading) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("load_seconds", loading.report().seconds());
    json.put("file_bytes", loading.report().fileBytes());
    json.put("mapped_bytes", loading.report().mappedBytes());
    json.put("packed_bytes", loading.report().packedBytes());
    json.put("packed_cache_bytes", loading.report().cachedBytes());
    loading.residentBefore().ifPresent(bytes -> json.put("resident_before_load_bytes", bytes));
    loading.resident().ifPresent(bytes -> json.put("resident_after_load_bytes", bytes));
    loading.peakResident().ifPresent(bytes -> json.put("load_peak_resident_bytes", bytes));
    loading.peakShareOfFile().ifPresent(share -> json.put("load_peak_share_of_file", share));
    loading.growthShareOfFile().ifPresent(share -> json.put("load_growth_share_of_file", share));
    return json;
  }

  private static Map<String, Object> json(Decode decode) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("depth", decode.depth());
    json.put("tokens_per_second", decode.rate().mean());
    json.put("tokens_per_second_stddev", decode.rate().deviation());
    return json;
  }

  static void print(Measurement measured, Cpu cpu, PrintStream out) {
    out.printf(
        "%s on %s (%s), %d threads, %d repetitions%n",
        measured.model(),
        measured.backend(),
        measured.plan().numerics().id(),
        measured.plan().limits().threads(),
        measured.workload().repetitions());
    if (measured.workload().prompt() > 0) {
      speed(out, "prefill", measured.workload().prompt(), 0, measured.prefill());
    }
    if (measured.workload().generated() > 0) {
      for (Decode decode : measured.decodes()) {
        speed(out, "decode", measured.workload().generated(), decode.depth(), decode.rate());
      }
      out.printf(
          Locale.ROOT,
          "  weights read        %s a token, %s/s: %.2f of the %s/s that a plain read loop gets%n",
          Amount.bytes(measured.plan().bytesPerToken()),
          Amount.bytes(measured.decodeBytesPerSecond()),
          measured.bandwidthShare(),
          Amount.bytes(measured.bandwidth()));
    }
    print(measured.loading(), out);
    if (measured.workload().prompt() > 0) {
      out.printf(Locale.ROOT, "  first token after   %.3f s%n", measured.firstToken().mean());
    }
    measured
        .peakResident()
        .ifPresent(bytes -> out.printf("  peak resident       %s%n", Amount.bytes(bytes)));
    out.printf("  %s (%s)%n", cpu.model(), String.join(" ", cpu.features()));
  }

  private static void print(Loading loading, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "  loaded in           %.2f s, %s%n",
        loading.report().seconds(),
        LoadWords.of(loading.report()));
    if (loading.peakShareOfFile().isPresent()) {
      out.printf(
          Locale.ROOT,
          "  resident            %s before, %s after loading, %s at most: %.2f of the file's %s, %.2f without the JVM's%n",
          Amount.bytes(loading.residentBefore().orElse(0)),
          Amount.bytes(loading.resident().orElse(0)),
          Amount.bytes(loading.peakResident().orElse(0)),
          loading.peakShareOfFile().getAsDouble(),
          Amount.bytes(loading.report().fileBytes()),
          loading.growthShareOfFile().orElse(Double.NaN));
    }
  }

  private static void speed(PrintStream out, String part, int tokens, int depth, Statistics rate) {
    out.printf(
        Locale.ROOT,
        "  %-7s %4d tokens %9.1f tokens/s +- %.1f%s%n",
        part,
        tokens,
        rate.mean(),
        rate.deviation(),
        depth > 0 ? " after " + depth : "");
  }
}
