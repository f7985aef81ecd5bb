package io.mimir.pipeline.service;

import io.mimir.plugin.service.PluginUse;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Says which pipelines a plugin is used by. */
@ApplicationScoped
public class PipelineUse implements PluginUse {

  @EJB StoredDefinitions stored;

  @Override
  public List<String> of(String plugin) {
    return stored.using(plugin).stream().map(name -> "the pipeline " + name).toList();
  }
}
