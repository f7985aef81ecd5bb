package io.mimir.pipeline.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Palette;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.plugin.kit.json.Json;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.service.PluginActions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** What there is to build from at one moment, for one person. */
final class PipelinePalette implements Palette {

  private final Map<String, PluginActions.Offered> plugins = new LinkedHashMap<>();
  private final ModelCatalog catalog;
  private final Function<String, Optional<Definition>> pipelines;

  /**
   * @param pipelines finds the newest definition of a pipeline that the person may run
   */
  PipelinePalette(
      Iterable<PluginActions.Offered> offered,
      ModelCatalog catalog,
      Function<String, Optional<Definition>> pipelines) {
    offered.forEach(plugin -> plugins.put(plugin.name(), plugin));
    this.catalog = catalog;
    this.pipelines = pipelines;
  }

  @Override
  public Set<String> plugins() {
    return plugins.keySet();
  }

  @Override
  public Set<String> actions(String plugin) {
    Set<String> names = new TreeSet<>();
    plugins.get(plugin).actions().forEach(action -> names.add(action.name()));
    return names;
  }

  @Override
  public Optional<Offer> offer(String plugin, String action) {
    PluginActions.Offered offered = plugins.get(plugin);
    return offered == null
        ? Optional.empty()
        : offered.action(action).map(found -> offer(offered, found));
  }

  private static Offer offer(PluginActions.Offered plugin, Manifest.Action action) {
    String why =
        plugin.isReady()
            ? null
            : "The plugin %s is %s: an administrator can see to it under Settings, Plugins"
                .formatted(plugin.name(), plugin.state().code().replace('_', ' '));
    return new Offer(
        schema(action.inputSchema()), schema(action.outputSchema()), plugin.isReady(), why);
  }

  /** Returns null for none. */
  static ObjectNode schema(Optional<Json.Obj> schema) {
    return schema.map(text -> (ObjectNode) RunJson.stored(text.toString())).orElse(null);
  }

  @Override
  public boolean servesModel(String model) {
    try {
      return catalog.isServed(catalog.resolve(ModelRef.of(null, model)), provider -> true);
    } catch (ProblemException e) {
      return false;
    }
  }

  @Override
  public Optional<Definition> pipeline(String name) {
    return pipelines.apply(name);
  }
}
