package dev.burhan.kernel.inspect;

import dev.burhan.backend.Plan;
import dev.burhan.checkpoint.Metadata;
import dev.burhan.graph.Graph;
import dev.burhan.graph.Node;
import dev.burhan.graph.Value;
import dev.burhan.graph.Weight;
import dev.burhan.graph.Weights;
import dev.burhan.kernel.inspect.Inspection.BackendPlan;
import dev.burhan.kernel.inspect.Inspection.TypeShare;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An inspection for programs. */
final class InspectionJson {
  private InspectionJson() {}

  static Map<String, Object> of(Inspection inspection, boolean withGraph) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", inspection.model());
    json.put("format", inspection.checkpoint().format());
    json.put("files", inspection.checkpoint().files());
    json.put("architecture", inspection.graph().map(ArchitectureFacts::of).orElse(null));
    TypeShare total = inspection.total();
    json.put("tensors", total.tensors());
    json.put("parameters", total.parameters());
    json.put("bytes", total.bytes());
    json.put("types", inspection.tensors().stream().map(InspectionJson::share).toList());
    json.put("plan", inspection.plan().map(InspectionJson::plan).orElse(null));
    json.put("missing", inspection.missing());
    json.put("metadata", metadata(inspection.checkpoint().metadata()));
    if (withGraph) {
      json.put("graph", inspection.graph().map(model -> graph(model.graph())).orElse(null));
    }
    return json;
  }

  private static Map<String, Object> share(TypeShare share) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", share.type().name());
    json.put("tensors", share.tensors());
    json.put("parameters", share.parameters());
    json.put("bytes", share.bytes());
    return json;
  }

  private static Map<String, Object> plan(BackendPlan chosen) {
    Plan plan = chosen.plan();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("backend", chosen.backend());
    json.put("possible", plan.possible());
    json.put("refusals", plan.refusals());
    json.put("context", plan.limits().context());
    json.put("threads", plan.limits().threads());
    json.put("weight_bytes", plan.weightBytes());
    json.put("kv_bytes_per_token", chosen.cacheBytesPerToken());
    json.put("kv_bytes", chosen.cacheBytes());
    json.put("scratch_bytes", plan.scratchBytes());
    json.put("total_bytes", chosen.totalBytes());
    json.put("weight_bytes_read_per_token", plan.bytesPerToken());
    json.put("flops_per_token", plan.flopsPerToken());
    json.put("placement", chosen.placement());
    json.put("numerics", plan.numerics().id());
    json.put("batch_invariant", plan.numerics().batchInvariant());
    return json;
  }

  private static Map<String, Object> metadata(Metadata metadata) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (String key : metadata.keys()) {
      json.put(key, metadata.value(key).map(MetadataText::json).orElse(null));
    }
    return json;
  }

  private static List<Map<String, Object>> graph(Graph graph) {
    return graph.nodes().stream().map(InspectionJson::node).toList();
  }

  private static Map<String, Object> node(Node node) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("layer", node.layer());
    json.put("op", OpText.name(node.op()));
    json.put("parameters", OpText.parameters(node.op()));
    json.put("in", node.in().stream().map(Value::id).toList());
    json.put("out", node.out().stream().map(InspectionJson::value).toList());
    json.put("weights", Weights.of(node.op()).stream().map(InspectionJson::weight).toList());
    return json;
  }

  private static Map<String, Object> value(Value value) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", value.id());
    json.put("name", value.name());
    json.put("width", value.width());
    json.put("type", value.type().name());
    return json;
  }

  private static Map<String, Object> weight(Weight weight) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", weight.name());
    json.put("type", weight.type().name());
    json.put("shape", weight.shape().dims());
    return json;
  }
}
