package dev.burhan.kernel.bench;

import dev.burhan.kernel.bench.Measurement.Decode;
import dev.burhan.kernel.bench.Measurement.Loading;
import dev.burhan.kernel.engine.ProductSpeeds.Speed;
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

  static Map<String, Object> json(
      Measurement measured, String detail, KernelCheck kernels, Cpu cpu) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", measured.model());
    json.put("architecture", measured.info().architecture());
    json.put("parameters", measured.info().parameters());
    json.put("backend", measured.backend());
    json.put("backend_detail", detail);
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
    measured
        .parallel()
        .ifPresent(
            several -> {
              json.put("parallel_sequences", several.sequences());
              json.put("parallel_tokens_per_second", several.rate().mean());
              json.put("parallel_tokens_per_second_stddev", several.rate().deviation());
              json.put("parallel_of_one", measured.parallelRatio());
              json.put("parallel_engine_share", several.engineShare());
            });
    json.putAll(json(measured.loading()));
    json.put("time_to_first_token_seconds", measured.firstToken().mean());
    json.put("time_to_first_token_seconds_stddev", measured.firstToken().deviation());
    json.put("weight_bytes", measured.plan().weightBytes());
    json.put("weight_bytes_per_token", measured.plan().bytesPerToken());
    json.put("decode_bytes_per_second", measured.decodeBytesPerSecond());
    json.put("read_bandwidth_bytes_per_second", measured.bandwidth());
    json.put("decode_share_of_bandwidth", measured.bandwidthShare());
    measured.peakResident().ifPresent(bytes -> json.put("peak_resident_bytes", bytes));
    json.put("kernels", kernels.speeds().stream().map(speed -> json(speed, kernels)).toList());
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
    if (decode.drafted() > 0) {
      json.put("drafted_tokens", decode.drafted());
      json.put("accepted_tokens", decode.accepted());
      json.put("acceptance", decode.acceptance());
    }
    return json;
  }

  private static Map<String, Object> json(Speed speed, KernelCheck kernels) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", speed.type().name());
    json.put("decode_multiply_adds_per_second", speed.generated());
    json.put("decode_of_f32", kernels.generatedRatio(speed));
    json.put("prefill_multiply_adds_per_second", speed.prompt());
    json.put("prefill_of_f32", kernels.promptRatio(speed));
    json.put("suspicious", kernels.suspicious(speed));
    return json;
  }

  static void print(
      Measurement measured, String detail, KernelCheck kernels, Cpu cpu, PrintStream out) {
    out.printf(
        "%s on %s (%s), %d threads, %d repetitions%n",
        measured.model(),
        measured.backend(),
        measured.plan().numerics().id(),
        measured.plan().limits().threads(),
        measured.workload().repetitions());
    if (!detail.isEmpty()) {
      out.printf("  backend             %s%n", detail);
    }
    if (measured.workload().prompt() > 0) {
      speed(out, "prefill", measured.workload().prompt(), 0, measured.prefill());
    }
    if (measured.workload().generated() > 0) {
      for (Decode decode : measured.decodes()) {
        speed(out, "decode", measured.workload().generated(), decode.depth(), decode.rate());
        if (decode.drafted() > 0) {
          out.printf(
              Locale.ROOT,
              "  guesses             %d of %d accepted: %.2f%n",
              decode.accepted(),
              decode.drafted(),
              decode.acceptance());
        }
      }
      measured
          .parallel()
          .ifPresent(
              several ->
                  out.printf(
                      Locale.ROOT,
                      "  %d at once          %9.1f tokens/s +- %.1f, %.2f times one's; %.1f %% of it the engine's own%n",
                      several.sequences(),
                      several.rate().mean(),
                      several.rate().deviation(),
                      measured.parallelRatio(),
                      100 * several.engineShare()));
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
    print(kernels, out);
    out.printf("  %s (%s)%n", cpu.model(), String.join(" ", cpu.features()));
  }

  private static void print(KernelCheck kernels, PrintStream out) {
    if (kernels.speeds().isEmpty()) {
      return;
    }
    out.println("  products in cache, one thread, multiply-adds a second, and of F32's:");
    for (Speed speed : kernels.speeds()) {
      out.printf(
          Locale.ROOT,
          "    %-8s decode %6.1f G %5.2f   prefill %6.1f G %5.2f%s%n",
          speed.type().name(),
          speed.generated() / 1e9,
          kernels.generatedRatio(speed),
          speed.prompt() / 1e9,
          kernels.promptRatio(speed),
          kernels.suspicious(speed) ? "   <- too slow" : "");
    }
  }

  /** Tells kernels that are so slow that something is wrong with them. */
  static void warn(Measurement measured, KernelCheck kernels, PrintStream err) {
    for (Speed speed : kernels.speeds()) {
      if (kernels.suspicious(speed)) {
        err.printf(
            Locale.ROOT,
            "burhan: warning: products by %s weights on %s run at %.2f (decode) and %.2f (prefill) of F32's speed,"
                + " expected at least %.2f: not compiled to vector instructions?%n",
            speed.type().name(),
            measured.backend(),
            kernels.generatedRatio(speed),
            kernels.promptRatio(speed),
            KernelCheck.LEAST);
      }
    }
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
