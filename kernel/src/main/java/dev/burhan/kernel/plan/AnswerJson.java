package dev.burhan.kernel.plan;

import dev.burhan.kernel.plan.Answer.Suggestion;
import dev.burhan.kernel.plan.Demand.Way;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** An answer for programs. */
final class AnswerJson {
  private AnswerJson() {}

  static Map<String, Object> of(String name, Answer answer) {
    Demand demand = answer.result().demand();
    Footprint footprint = demand.footprint();
    Machine machine = answer.machine();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", name);
    json.put("architecture", answer.model().info().architecture());
    json.put("layers", answer.model().info().layers());
    json.put("parameters", answer.model().info().parameters());
    json.put("active_parameters", footprint.active());
    json.put("draft_parameters", answer.draftParameters());
    json.put("quantisation", answer.result().choice().name());
    json.put("assumption", answer.result().choice().assumption());
    json.put("context", demand.context());
    json.put("weight_bytes", footprint.bytes());
    json.put("weight_bytes_held", footprint.bytes() * demand.heldShare());
    json.put("common_bytes", footprint.commonBytes());
    json.put("experts", footprint.experts());
    json.put("expert_bytes", footprint.expertBytes());
    json.put("kv_type", answer.cacheType().name());
    json.put("kv_bytes_per_token", demand.cacheBytesPerToken());
    json.put("kv_bytes", demand.cacheBytes());
    json.put("scratch_bytes", demand.scratchBytes());
    json.put("jvm_bytes", Demand.JVM);
    json.put("memory_needed", demand.wholeBytes());
    json.put("memory_needed_experts_on_disk", footprint.experts() > 0 ? demand.leastBytes() : null);
    json.put("memory", machine.memory());
    json.put("fits", answer.way() == Way.MEMORY);
    json.put("way", word(answer.way()));
    boolean possible = answer.way() != Way.NONE;
    json.put("resident_experts", possible ? demand.residentExperts(machine) : null);
    json.put("weight_bytes_read_per_token", footprint.read());
    json.put("bandwidth", machine.bandwidth());
    json.put("bandwidth_measured", machine.measured());
    json.put("disk_bandwidth", machine.disk());
    json.put("tokens_per_second_bound", possible ? demand.bound(machine, 0) : null);
    json.put(
        "tokens_per_second_bound_at_context",
        possible ? demand.bound(machine, demand.context()) : null);
    json.put("backend", answer.result().remarks().backend());
    json.put("refusals", answer.result().remarks().refusals());
    json.put("nearest", answer.nearest().stream().map(one -> suggestion(one, machine)).toList());
    json.put("least", answer.least().map(one -> suggestion(one, machine)).orElse(null));
    return json;
  }

  private static String word(Way way) {
    return way.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Object> suggestion(Suggestion one, Machine machine) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("quantisation", one.choice().name());
    json.put("context", one.demand().context());
    json.put("way", word(one.way()));
    json.put(
        "memory_needed",
        one.way() == Way.DISK ? one.demand().leastBytes() : one.demand().wholeBytes());
    boolean fits = one.demand().way(machine) != Way.NONE;
    json.put("tokens_per_second_bound", fits ? one.demand().bound(machine, 0) : null);
    return json;
  }
}
