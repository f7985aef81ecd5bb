package io.mimir.pipeline.service;

import io.mimir.plugin.service.PluginUse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

/** Says which pipelines a plugin is used by. */
@ApplicationScoped
public class PipelineUse implements PluginUse {

  @Inject StoredDefinitions stored;

  @Override
  public List<String> of(String plugin) {
    return stored.using(plugin).stream().map(name -> "the pipeline " + name).toList();
  }
}
