package io.mimir.plugin.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.audit.AuditedAction;
import io.mimir.audit.Change;
import io.mimir.audit.Facts;
import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
import io.mimir.plugin.PluginPin;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.trust.Verdict;
import io.mimir.plugin.service.PluginRegistry.Standing;
import io.mimir.security.Role;
import io.mimir.security.service.Authority;
import jakarta.annotation.Resource;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What an administrator does with the plugins that there are; {@link PluginInstaller} takes in new
 * ones. Files are looked at, moved and run outside of any transaction; one transaction at the end
 * makes it count, and what came before is undone when it fails.
 */
@Stateless
@RolesAllowed(Role.ADMIN)
public class Plugins {

  private static final String RELOAD = "plugin.reload";

  @PersistenceContext EntityManager em;
  @Inject PluginRegistry registry;
  @Inject PluginUses uses;
  @Inject PluginMetrics metrics;
  @Inject PluginConfigurations configurations;
  @Inject Event<AuditedAction> actions;
  @Inject Authority authority;
  @Resource SessionContext session;
  @EJB PluginTrust trust;
  @EJB AuditLog audit;
  @EJB Plugins self;
  @EJB PluginInstaller installer;

  /** Built-in ones first, then the newest. */
  @TransactionAttribute(SUPPORTS)
  public List<Plugin> all() {
    return em.createNamedQuery(Plugin.ALL, Plugin.class).getResultList();
  }

  @TransactionAttribute(SUPPORTS)
  public Plugin get(String id) {
    return find(id);
  }

  private Plugin find(String id) {
    Plugin plugin = em.find(Plugin.class, id);
    if (plugin == null) {
      throw ProblemException.notFound("plugin");
    }
    return plugin;
  }

  /** For reads between transactions. */
  @TransactionAttribute(SUPPORTS)
  public Optional<Plugin> findNamed(String name) {
    return em.createNamedQuery(Plugin.NAMED, Plugin.class)
        .setParameter("name", name)
        .getResultStream()
        .findFirst();
  }

  /** Writes a refusal down. */
  public void refuse(AuditedAction deed, ProblemException why) {
    actions.fire(deed.detail("problem", why.problem().code()));
    throw why;
  }

  private static AuditedAction deed(String action, Plugin plugin) {
    return AuditedAction.of(action).on(plugin.getId(), plugin.getName());
  }

  /** The transaction of an upload or a change. */
  public Plugin store(Plugin plugin, String action) {
    AuditedAction deed = deed(action, plugin);
    actions.fire(deed);
    Plugin before = em.find(Plugin.class, plugin.getId());
    Facts factsBefore = before == null ? new Facts() : configurations.factsOf(before);
    plugin.changed(by(), Instant.now());
    Plugin stored = em.merge(plugin);
    em.flush();
    actions.fire(deed.done(Facts.between(factsBefore, configurations.factsOf(stored))));
    return stored;
  }

  /**
   * Switches a plugin on or off, and gives it another configuration; null leaves either as it is.
   *
   * @throws ProblemException REFUSED when the configuration does not fit the schema; NOT_RUNNING
   *     when it is not trusted; PLUGIN_FAILED when it does not come up, and then nothing has
   *     changed
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public Plugin change(String id, Boolean enabled, JsonNode configuration) {
    try {
      return registry.alone(self.get(id).getName(), () -> changeAlone(id, enabled, configuration));
    } catch (IOException e) {
      throw missing();
    }
  }

  private Plugin changeAlone(String id, Boolean enabled, JsonNode configuration)
      throws IOException {
    Plugin plugin = self.get(id);
    try {
      if (configuration != null) {
        configurations.configure(plugin, configuration);
      }
      if (enabled != null) {
        plugin.setEnabled(enabled);
      }
      if (!plugin.isBuiltin()) {
        bringUpOrDown(plugin);
      }
      return self.store(plugin, enabled == null ? "plugin.configure" : action(enabled));
    } catch (ProblemException e) {
      self.refuse(deed("plugin.update", plugin), e);
      throw e;
    }
  }

  private void bringUpOrDown(Plugin plugin) throws IOException {
    if (plugin.isEnabled()) {
      requireTrust(plugin);
      registry.start(plugin);
    } else {
      registry.supervisor().stop(plugin.getName());
    }
  }

  private static String action(boolean enabled) {
    return enabled ? "plugin.enable" : "plugin.disable";
  }

  private static ProblemException missing() {
    return new ProblemException(
        Problem.NOT_RUNNING, "The plugin's file cannot be read: upload it again");
  }

  /** Returns what may be configured, as JSON Schema. */
  public JsonNode configSchemaOf(Plugin plugin) {
    return configurations.schemaOf(plugin).text();
  }

  /**
   * Returns what the plugin says of itself; empty for what was built into another version of the
   * server.
   */
  public Optional<Manifest> manifestOf(Plugin plugin) {
    return configurations.manifestOf(plugin);
  }

  /**
   * Whoever vouched for a file may have been revoked since, and the file may have been changed:
   * what runs of it is ended then, as it would be gone after the next start.
   */
  private void requireTrust(Plugin plugin) throws IOException {
    requireUnchanged(plugin);
    Verdict verdict = trust.judge(plugin);
    if (!verdict.trusted()) {
      throw new ProblemException(
          Problem.NOT_RUNNING, verdict.message() + ". " + verdict.reason().fix());
    }
  }

  private void requireUnchanged(Plugin plugin) throws IOException {
    if (!registry.isUnchanged(plugin)) {
      registry.supervisor().stop(plugin.getName());
      registry.stand(plugin.getName(), Standing.TAMPERED);
      throw new ProblemException(
          Problem.NOT_RUNNING,
          Standing.TAMPERED.message() + ". " + RefusalReason.HASH_MISMATCH.fix());
    }
  }

  /**
   * Trusts this exact file and starts the plugin. Where another version waits beside the one that
   * the plugin has, it is that one, and it takes over. It is native code, so that this takes a
   * password that was entered just now (T70).
   *
   * @param sha256 of the file that was looked at, in hex; null for whichever waits
   * @throws ProblemException STALE where another file waits by now, PLUGIN_FAILED when it does not
   *     come up; it is trusted all the same
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public Plugin pin(String id, String sha256) {
    Plugin plugin = self.get(id);
    authority.requirePassword("plugin.trust", id, plugin.getName());
    try {
      if (plugin.next().isPresent()) {
        return installer.takeNext(id, sha256);
      }
      PluginFile file = plugin.file().orElseThrow(Plugins::immutable);
      requireSeen(file, sha256);
      requireUnchanged(plugin);
      self.storePin(plugin, file.sha256());
    } catch (IOException e) {
      throw missing();
    } catch (ProblemException e) {
      self.refuse(deed("plugin.trust", plugin), e);
    }
    return change(id, true, null);
  }

  /** Nobody trusts what took the place of the file while it was looked at. */
  static void requireSeen(PluginFile file, String sha256) {
    if (sha256 != null && !sha256.equalsIgnoreCase(file.sha256())) {
      throw new ProblemException(
          Problem.STALE, "Another file waits for trust by now: look at it, and decide again");
    }
  }

  /** A transaction of {@link #pin}. */
  public void storePin(Plugin plugin, String sha256) {
    authority.requirePassword("plugin.trust", plugin.getId(), plugin.getName());
    AuditedAction deed = deed("plugin.trust", plugin);
    actions.fire(deed);
    if (em.find(PluginPin.class, sha256) == null) {
      em.persist(new PluginPin(sha256, plugin.getName(), by(), Instant.now()));
      em.flush();
    }
    actions.fire(deed.done(List.of(new Change("trusted_sha256", null, sha256))));
  }

  private static ProblemException immutable() {
    return new ProblemException(
        Problem.BUILTIN_IMMUTABLE, "This plugin is part of Mimir: it can be disabled only");
  }

  /**
   * Starts a plugin anew; running calls end on the old one, which goes on when the new one does not
   * come up. What is built in has nothing to start.
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public Plugin reload(String id) {
    try {
      return registry.alone(self.get(id).getName(), () -> reloadAlone(id));
    } catch (IOException e) {
      throw missing();
    }
  }

  private Plugin reloadAlone(String id) throws IOException {
    Plugin plugin = self.get(id);
    if (plugin.isBuiltin()) {
      audit.write(deed(RELOAD, plugin), Outcome.SUCCESS);
      return plugin;
    }
    if (!plugin.isEnabled()) {
      throw new ProblemException(Problem.NOT_RUNNING, "The plugin is disabled: enable it first");
    }
    try {
      requireTrust(plugin);
      registry.start(plugin);
      audit.write(deed(RELOAD, plugin), Outcome.SUCCESS);
      return plugin;
    } catch (ProblemException e) {
      self.refuse(deed(RELOAD, plugin), e);
      throw e;
    }
  }

  /**
   * Removes a plugin, lets its calls end, and removes its file.
   *
   * @param force whether it goes although something is made of it
   * @throws ProblemException NOT_FOUND; BUILTIN_IMMUTABLE; IN_USE naming what is made of it
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public void delete(String id, boolean force) {
    String name = self.nameOf(id);
    if (!force) {
      uses.requireNone(id, name);
    }
    try {
      registry.alone(
          name,
          () -> {
            List<String> paths = self.remove(id);
            registry.supervisor().stop(name);
            registry.stand(name, null);
            for (String path : paths) {
              registry.store().remove(path);
            }
            return paths;
          });
    } catch (IOException e) {
      throw new ProblemException(
          Problem.STORAGE_UNAVAILABLE, "The plugin is deleted; its file could not be removed");
    }
  }

  /**
   * The name of a plugin, or the id itself when there is none: its refusal is to be written down.
   */
  @TransactionAttribute(SUPPORTS)
  public String nameOf(String id) {
    Plugin plugin = em.find(Plugin.class, id);
    return plugin == null ? id : plugin.getName();
  }

  /** The transaction of {@link #delete}; gives the names of its files. */
  public List<String> remove(String id) {
    Plugin plugin = em.find(Plugin.class, id);
    AuditedAction deed =
        AuditedAction.of("plugin.delete").on(id, plugin == null ? null : plugin.getName());
    actions.fire(deed);
    if (plugin == null) {
      throw ProblemException.notFound("plugin");
    }
    plugin.file().orElseThrow(Plugins::immutable);
    List<String> paths = PluginInstaller.pathsOf(plugin);
    Facts before = configurations.factsOf(plugin);
    forgetPins(plugin.getName());
    em.remove(plugin);
    em.flush();
    actions.fire(deed.done(Facts.between(before, new Facts())));
    return paths;
  }

  /** Who deletes a plugin trusts its files no longer; there is no other way to say so. */
  private void forgetPins(String name) {
    em.createNamedQuery(PluginPin.ALL, PluginPin.class)
        .getResultStream()
        .filter(pin -> pin.getPluginName().equals(name))
        .toList()
        .forEach(em::remove);
  }

  /**
   * Tries an action. The log tells how it ended; what could not be written down is not answered.
   *
   * @param input UTF-8 JSON
   * @return UTF-8 JSON
   * @throws ProblemException NOT_FOUND, NOT_RUNNING, PLUGIN_FAILED, PLUGIN_BUSY, PLUGIN_CRASHED or
   *     PLUGIN_DEADLINE
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public byte[] call(String id, String action, byte[] input) {
    Plugin plugin = self.get(id);
    AuditedAction deed = deed("plugin.call", plugin).detail("action", action);
    byte[] answer;
    try {
      answer =
          metrics.counted(
              plugin.getName(),
              () -> registry.call(plugin, action, input, CallContext.lasting(null)));
    } catch (PluginCallException e) {
      throw failed(deed, PluginProblems.of(e));
    } catch (ProblemException e) {
      throw failed(deed, e);
    }
    audit.write(deed, Outcome.SUCCESS);
    return answer;
  }

  private ProblemException failed(AuditedAction deed, ProblemException why) {
    audit.write(deed.detail("problem", why.problem().code()), Outcome.FAILURE);
    return why;
  }

  private String by() {
    return session.getCallerPrincipal().getName();
  }
}
