package io.mimir.plugin.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;
import static jakarta.ejb.TransactionAttributeType.REQUIRES_NEW;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.lifecycle.service.Readiness;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginState;
import io.mimir.plugin.PluginType;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.trust.Verdict;
import io.mimir.plugin.service.PluginRegistry.Standing;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Asynchronous;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Looks at every stored plugin when the server starts, and starts those that may run. */
@Stateless
@PermitAll
public class PluginLoader {

  private static final System.Logger LOG = System.getLogger(PluginLoader.class.getName());

  private static final Instant STARTED =
      Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());

  @PersistenceContext EntityManager em;
  @Inject PluginRegistry registry;
  @Inject Readiness readiness;
  @EJB PluginTrust trust;
  @EJB AuditLog audit;

  /** How long the start of the server has the processors for itself when nobody asks anything. */
  private static final Duration AHEAD = Duration.ofSeconds(20);

  /**
   * On a thread of the server's, so that readiness does not wait; and when the server is up: fifty
   * processes that start would take the processors from what is still to be deployed.
   */
  @Asynchronous
  @TransactionAttribute(NOT_SUPPORTED)
  public void load() {
    try {
      readiness.awaitAsked(AHEAD);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    List<Plugin> plugins =
        em.createNamedQuery(Plugin.ALL, Plugin.class)
            .getResultStream()
            .filter(plugin -> !plugin.isBuiltin())
            .toList();
    Set<String> known = new HashSet<>();
    for (Plugin plugin : plugins) {
      known.addAll(PluginInstaller.pathsOf(plugin));
      load(plugin);
    }
    clearStrangers(known);
  }

  /**
   * Sees to it that a built-in plugin is listed, as this version of the server has it. What an
   * administrator made of it stays.
   */
  @TransactionAttribute(REQUIRES_NEW)
  public void keep(Manifest builtin) {
    Plugin known =
        em.createNamedQuery(Plugin.NAMED, Plugin.class)
            .setParameter("name", builtin.name())
            .getResultStream()
            .findFirst()
            .orElse(null);
    String version = builtin.version().toString();
    if (known == null) {
      PluginType type = PluginType.of(builtin.type().wire()).orElseThrow();
      Plugin plugin = Plugin.builtin(builtin.name(), type, version, Instant.now());
      plugin.describe(null, builtin.description(), builtin.author());
      em.persist(plugin);
    } else if (!known.isBuiltin()) {
      LOG.log(
          WARNING,
          "Plugin {0} was uploaded: the built-in one of its name is there after it is deleted and"
              + " the server started again",
          known.getName());
    } else if (!known.getVersion().equals(version)) {
      known.upgrade(version, builtin.description(), Instant.now());
    }
  }

  private void load(Plugin plugin) {
    try {
      if (!registry.isUnchanged(plugin)) {
        stand(plugin, Standing.TAMPERED);
        return;
      }
      Verdict verdict = trust.judge(plugin);
      if (!verdict.trusted()) {
        stand(plugin, Standing.of(PluginState.AWAITING_TRUST, verdict.reason(), verdict.message()));
      } else if (plugin.isEnabled()) {
        registry.supervisor().startLater(registry.spec(plugin));
      }
    } catch (NoSuchFileException e) {
      stand(plugin, missing("Its file is gone"));
    } catch (IOException e) {
      stand(plugin, missing("Its file cannot be read"));
    }
  }

  private static Standing missing(String message) {
    return Standing.of(PluginState.MISSING, RefusalReason.FILE_MISSING, message);
  }

  private void stand(Plugin plugin, Standing standing) {
    registry.stand(plugin.getName(), standing);
    LOG.log(
        WARNING,
        "Plugin {0} is {1}: {2}",
        plugin.getName(),
        standing.state().code(),
        standing.message());
    audit.write(
        AuditedAction.ofTheServer("plugin.load")
            .on(plugin.getId(), plugin.getName())
            .detail("state", standing.state().code())
            .detail("reason", standing.reason()),
        Outcome.FAILURE);
  }

  /**
   * Files without a plugin are not loaded. Those that this server made itself, and was killed
   * before it could say so or while it deleted them, are removed.
   */
  private void clearStrangers(Set<String> known) {
    try {
      for (Path file : registry.store().files()) {
        String name = file.getFileName().toString();
        if (known.contains(name)) {
          continue;
        }
        if (registry.store().isLeftOver(name, STARTED)) {
          registry.store().remove(name);
          LOG.log(INFO, "A file that a stopped server left half installed was removed: {0}", name);
        } else {
          LOG.log(
              WARNING,
              "The plugin folder has a file that was not uploaded, and is not loaded: {0}",
              name.replaceAll("[^A-Za-z0-9._-]", "?"));
        }
      }
    } catch (IOException e) {
      LOG.log(WARNING, "The plugin folder cannot be listed");
    }
  }
}
