package io.mimir.plugin.service;

import io.mimir.lifecycle.service.Started;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.service.builtin.Builtins;
import jakarta.ejb.EJBException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;

/**
 * Has the enabled plugins started once the server is: readiness does not wait for them, and a
 * broken one is listed with its reason and stops nothing. What is built in is there from the first
 * request on.
 */
@ApplicationScoped
public class PluginStartup {

  @Inject PluginLoader loader;
  @Inject Builtins builtins;

  void begin(@Observes Started started) {
    builtins.manifests().forEach(this::keep);
    loader.load();
  }

  private void keep(Manifest builtin) {
    try {
      loader.keep(builtin);
    } catch (EJBException e) {
      // Another server on this database may have been faster: then there is nothing left to do.
      loader.keep(builtin);
    }
  }
}
