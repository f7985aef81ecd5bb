package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.Pipelines;
import io.mimir.pipeline.service.Runs;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.plugin.kit.json.Json;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.service.PluginActions;
import io.mimir.security.service.Identity;
import io.mimir.security.web.Caller;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What the form of a step has to know of what is around it. */
@RequestScoped
public class StepSurroundings {

  @EJB PluginActions plugins;
  @EJB Pipelines pipelines;
  @EJB Runs runs;
  @Inject ModelCatalog catalog;
  @Inject Caller caller;

  /**
   * The fields of a step.
   *
   * @param pointer empty for the pipeline itself
   */
  List<FormField> fields(JsonNode definition, String pointer) {
    if (pointer.isEmpty()) {
      return StepFields.ofPipeline(definition);
    }
    JsonNode step = definition.at(pointer);
    List<Pipeline> others = pipelines.all(caller.identity());
    return StepFields.of(
        step,
        new StepFields.Known(
            input(step, others),
            later(definition, pointer),
            catalog.models().stream().map(ModelCatalog.Model::id).distinct().toList(),
            others.stream().map(Pipeline::getName).toList()));
  }

  /** The schema of what a step is given; null where none is known. */
  private JsonNode input(JsonNode step, List<Pipeline> others) {
    if (step.has("pipeline")) {
      return others.stream()
          .filter(one -> one.getName().equals(step.path("pipeline").asText()))
          .map(one -> pipelines.definitionOf(one).path("input"))
          .findFirst()
          .orElse(null);
    }
    return schema(step, Manifest.Action::inputSchema);
  }

  private JsonNode schema(JsonNode step, Function<Manifest.Action, Optional<Json.Obj>> which) {
    String action = step.path("action").asText("");
    int dot = action.indexOf('.');
    return dot < 0
        ? null
        : plugins
            .find(action.substring(0, dot))
            .flatMap(plugin -> plugin.action(action.substring(dot + 1)))
            .flatMap(which)
            .map(schema -> RunJson.stored(schema.toString()))
            .orElse(null);
  }

  private static List<String> later(JsonNode definition, String pointer) {
    int slash = pointer.lastIndexOf('/');
    JsonNode list = definition.at(pointer.substring(0, slash));
    List<String> later = new ArrayList<>();
    for (int i = Integer.parseInt(pointer.substring(slash + 1)) + 1; i < list.size(); i++) {
      later.add(list.get(i).path("name").asText());
    }
    return later;
  }

  /** The names that a step can use. */
  List<NamesInSight.Name> names(JsonNode definition, String pointer) {
    return NamesInSight.at(definition, pointer, this::results);
  }

  private List<String> results(JsonNode step) {
    List<String> names = new ArrayList<>();
    JsonNode schema = schema(step, Manifest.Action::outputSchema);
    if (schema != null) {
      schema.path("properties").fieldNames().forEachRemaining(names::add);
    }
    return names;
  }

  /** The values that a step is tried on at first: those of the newest run, where it has some. */
  ObjectNode pinned(
      Identity me,
      String pipelineId,
      JsonNode definition,
      String pointer,
      List<NamesInSight.Name> names) {
    RunStore.Filter newest = new RunStore.Filter(pipelineId, null, null, null);
    List<RunStore.Row> last = runs.list(me, newest, 1);
    if (last.isEmpty()) {
      return PinnedData.of(definition, pointer, names, null, List.of());
    }
    RunStore.Row run = last.get(0);
    JsonNode input = run.input() == null ? null : run.input().inline();
    return PinnedData.of(
        definition, pointer, names, input, runs.state(me, run.facts().id()).steps());
  }
}
