package io.mimir.plugin.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginState;
import io.mimir.plugin.PluginType;
import io.mimir.plugin.kit.manifest.Manifest;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The actions of all plugins, for what is composed of them: no settings, and no secrets. */
@Stateless
@PermitAll
public class PluginActions {

  @PersistenceContext EntityManager em;
  @Inject PluginRegistry registry;
  @Inject PluginConfigurations configurations;
  @Inject PluginMetrics metrics;

  /**
   * A plugin and what it does.
   *
   * @param actions empty when its manifest cannot be read by this version
   * @param reason why it cannot be called now; null when it can
   */
  public record Offered(
      String name,
      String displayName,
      PluginType type,
      boolean isBuiltin,
      PluginState state,
      String reason,
      List<Manifest.Action> actions) {

    public boolean isReady() {
      return state == PluginState.RUNNING || state == PluginState.RESTARTING;
    }

    /** Finds an action by its name. */
    public Optional<Manifest.Action> action(String wanted) {
      return actions.stream().filter(one -> one.name().equals(wanted)).findFirst();
    }
  }

  /** Lists all plugins, built-in ones first. */
  @TransactionAttribute(SUPPORTS)
  public List<Offered> all() {
    List<Offered> all = new ArrayList<>();
    for (Plugin plugin : em.createNamedQuery(Plugin.ALL, Plugin.class).getResultList()) {
      all.add(offered(plugin));
    }
    return all;
  }

  /** Finds a plugin by its name. */
  @TransactionAttribute(SUPPORTS)
  public Optional<Offered> find(String name) {
    return named(name).map(this::offered);
  }

  private Optional<Plugin> named(String name) {
    return em.createNamedQuery(Plugin.NAMED, Plugin.class)
        .setParameter("name", name)
        .getResultStream()
        .findFirst();
  }

  private Offered offered(Plugin plugin) {
    PluginRegistry.Standing standing = registry.standingOf(plugin);
    List<Manifest.Action> actions =
        configurations.manifestOf(plugin).map(Manifest::actions).orElse(List.of());
    return new Offered(
        plugin.getName(),
        plugin.getDisplayName(),
        plugin.getType(),
        plugin.isBuiltin(),
        standing.state(),
        standing.message(),
        actions);
  }

  /**
   * Calls an action.
   *
   * @param input UTF-8 JSON
   * @return UTF-8 JSON, one value
   * @throws PluginCallException NOT_RUNNING as well when there is no such plugin
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public byte[] call(String name, String action, byte[] input, CallContext context)
      throws PluginCallException {
    Plugin plugin =
        named(name)
            .orElseThrow(
                () ->
                    new PluginCallException(
                        PluginCallException.Kind.NOT_RUNNING, "There is no plugin " + name));
    return metrics.counted(name, () -> registry.call(plugin, action, input, context));
  }
}
