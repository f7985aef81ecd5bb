package io.mimir.plugin.service;

import io.mimir.start.service.Started;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Has the enabled plugins started once the server is: readiness does not wait for them, and a
 * broken one is listed with its reason and stops nothing.
 */
@ApplicationScoped
public class PluginStartup {

  @EJB PluginLoader loader;

  void begin(@Observes Started started) {
    loader.load();
  }
}
