package io.mimir.plugin.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.audit.AuditedAction;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
import io.mimir.plugin.PluginPin;
import io.mimir.plugin.PluginState;
import io.mimir.plugin.PluginType;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.inspect.Check;
import io.mimir.plugin.kit.inspect.Inspection;
import io.mimir.plugin.kit.inspect.Inspector;
import io.mimir.plugin.kit.inspect.Platform;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.manifest.ManifestException;
import io.mimir.plugin.kit.manifest.SemanticVersion;
import io.mimir.plugin.kit.trust.Candidate;
import io.mimir.plugin.kit.trust.Verdict;
import io.mimir.plugin.service.ConfigSchema.Split;
import io.mimir.plugin.service.PluginRegistry.Standing;
import io.mimir.plugin.service.PluginStore.Staged;
import io.mimir.plugin.service.builtin.Builtins;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
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
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What an administrator does with plugins. Files are looked at, moved and run outside of any
 * transaction; one transaction at the end makes it count, and what came before is undone when it
 * fails.
 */
@Stateless
@RolesAllowed(Role.ADMIN)
public class Plugins {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Beside the plugin itself a signature is small. */
  private static final int LARGEST_SIGNATURE = 64 * 1024;

  @PersistenceContext EntityManager em;
  @Inject Vault vault;
  @Inject PluginRegistry registry;
  @Inject PluginConfig config;
  @Inject Builtins builtins;
  @Inject Event<AuditedAction> actions;
  @Resource SessionContext session;
  @EJB PluginTrust trust;
  @EJB Plugins self;

  /**
   * A file that somebody wants to have.
   *
   * @param content read once, to its end
   * @param signature a detached signature, or null
   * @param displayName null or blank for the plugin's own name
   * @param type null or what the manifest says
   * @param description null or blank for the manifest's
   * @param replace whether it may take the place of a plugin of its name
   */
  public record Upload(
      InputStream content,
      byte[] signature,
      String displayName,
      String type,
      String description,
      boolean replace) {

    @Override
    public String toString() {
      return "Upload[" + displayName + "]";
    }
  }

  /**
   * What came of an upload.
   *
   * @param checks everything that was looked at
   */
  public record Installed(Plugin plugin, List<Check> checks) {}

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

  /** Writes an action down that changes nothing itself, or that is refused before a transaction. */
  public void note(String action, String target) {
    actions.fire(new AuditedAction(action, target));
  }

  /** Writes a refusal down. */
  public void refuse(String action, String target, ProblemException why) {
    actions.fire(new AuditedAction(action, target));
    throw why;
  }

  /**
   * Takes a plugin in: looks at the file without running it, checks who vouches for it, starts it
   * when it is trusted, and keeps it. What is refused leaves nothing behind.
   *
   * @throws PluginRefusedException with every check, when one failed
   * @throws ProblemException NAME_TAKEN, TOO_LARGE, REFUSED
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public Installed install(Upload upload) {
    try (Staged staged = registry.store().stage(upload.content())) {
      return install(upload, staged);
    } catch (ProblemException e) {
      self.refuse("plugin.upload", upload.displayName(), e);
      throw e;
    } catch (IOException e) {
      throw new ProblemException(
          Problem.STORAGE_UNAVAILABLE, "The file could not be written: try again later");
    }
  }

  private Installed install(Upload upload, Staged staged) throws IOException {
    List<Check> checks = new ArrayList<>();
    Inspection inspection =
        new Inspector(Platform.current(), config.maxBytes()).inspect(staged.file());
    checks.addAll(inspection.checks());
    if (!inspection.passed()) {
      throw new PluginRefusedException(Problem.PLUGIN_REFUSED, checks);
    }
    Manifest manifest = inspection.manifest().orElseThrow();
    refuseContradiction(upload.type(), manifest);
    Verdict verdict =
        trust
            .store()
            .judge(
                staged.file(),
                new Candidate(manifest.name(), manifest.name() + ".so", upload.signature()),
                Instant.now());
    checks.add(verdict.check());
    if (!verdict.trusted() && !verdict.reason().awaitsTrust()) {
      throw new PluginRefusedException(Problem.PLUGIN_REFUSED, checks);
    }
    return registry.alone(
        manifest.name(), () -> install(upload, staged, manifest, verdict, checks));
  }

  private Installed install(
      Upload upload, Staged staged, Manifest manifest, Verdict verdict, List<Check> checks)
      throws IOException {
    Plugin before = self.findNamed(manifest.name()).orElse(null);
    refuseTaken(before, manifest, upload.replace(), checks, staged.size());
    if (before != null && !verdict.trusted()) {
      // What runs is not put out by a file that may not run itself.
      throw new PluginRefusedException(Problem.PLUGIN_REFUSED, checks);
    }
    String path = registry.store().publish(staged, manifest.name());
    PluginFile file =
        new PluginFile(
            manifest.version().toString(),
            path,
            staged.sha256(),
            manifest.text(),
            upload.signature() == null
                ? null
                : Base64.getEncoder().encodeToString(upload.signature()));
    Plugin plugin = keep(upload, manifest, file, before, verdict.trusted());
    note(plugin, verdict);
    return new Installed(plugin, checks);
  }

  private static void refuseContradiction(String type, Manifest manifest) {
    if (type != null && !type.isBlank() && !type.strip().equals(manifest.type().wire())) {
      throw ProblemException.of(
          Problem.REFUSED,
          "type",
          "contradiction",
          "The manifest says %s: leave the type out, or correct it"
              .formatted(manifest.type().wire()));
    }
  }

  private void refuseTaken(
      Plugin before, Manifest manifest, boolean replace, List<Check> checks, long size)
      throws IOException {
    boolean ofOurs =
        before == null ? builtins.manifest(manifest.name()).isPresent() : before.isBuiltin();
    if (ofOurs || (before != null && !replace)) {
      checks.add(
          Check.failed(
              "name",
              RefusalReason.NAME_TAKEN,
              "There already is a plugin named " + manifest.name()));
      throw new PluginRefusedException(Problem.NAME_TAKEN, checks);
    }
    if (before != null && isOlder(manifest.version(), before.getVersion())) {
      checks.add(
          Check.failed(
              "version",
              RefusalReason.DOWNGRADE,
              "Version %s is older than the stored %s"
                  .formatted(manifest.version(), before.getVersion())));
      throw new PluginRefusedException(Problem.PLUGIN_REFUSED, checks);
    }
    if (before == null
        && (uploaded() >= PluginStore.MOST_PLUGINS || !registry.store().hasRoomFor(size))) {
      throw new ProblemException(
          Problem.IN_USE, "There are as many plugins as there may be: delete one first");
    }
  }

  private long uploaded() {
    return self.all().stream().filter(plugin -> !plugin.isBuiltin()).count();
  }

  private static boolean isOlder(SemanticVersion version, String stored) {
    return SemanticVersion.of(stored).filter(old -> version.compareTo(old) < 0).isPresent();
  }

  /**
   * Starts what is trusted and keeps it; on any failure the file goes, and what ran before stays.
   */
  private Plugin keep(
      Upload upload, Manifest manifest, PluginFile file, Plugin before, boolean trusted)
      throws IOException {
    PluginType type = PluginType.of(manifest.type().wire()).orElseThrow();
    Plugin plugin =
        before != null ? before : Plugin.uploaded(manifest.name(), type, file, by(), Instant.now());
    String formerPath = before == null ? null : before.file().orElseThrow().path();
    boolean done = false;
    try {
      plugin.hold(file);
      plugin.describe(
          upload.displayName(),
          upload.description() == null || upload.description().isBlank()
              ? manifest.description()
              : upload.description().strip(),
          manifest.author());
      plugin.setEnabled(before == null ? trusted : before.isEnabled() && trusted);
      if (plugin.isEnabled()) {
        start(plugin);
      } else if (before != null) {
        registry.supervisor().stop(plugin.getName());
      }
      Plugin kept = self.store(plugin, before == null ? "plugin.upload" : "plugin.replace");
      done = true;
      if (formerPath != null && !formerPath.equals(file.path())) {
        registry.store().remove(formerPath);
      }
      return kept;
    } finally {
      if (!done) {
        if (before == null && plugin.isEnabled()) {
          registry.supervisor().stop(plugin.getName());
        }
        if (!file.path().equals(formerPath)) {
          registry.store().remove(file.path());
        }
      }
    }
  }

  private void note(Plugin plugin, Verdict verdict) {
    registry.stand(
        plugin.getName(),
        verdict.trusted()
            ? null
            : Standing.of(PluginState.AWAITING_TRUST, verdict.reason().name(), verdict.message()));
  }

  private void start(Plugin plugin) throws IOException {
    try {
      registry.supervisor().start(registry.spec(plugin));
      registry.stand(plugin.getName(), null);
    } catch (PluginStartException e) {
      throw new ProblemException(
          Problem.PLUGIN_FAILED, "The plugin did not start. " + e.getMessage());
    }
  }

  /** The transaction of an upload or a change. */
  public Plugin store(Plugin plugin, String action) {
    actions.fire(new AuditedAction(action, plugin.getId() + ' ' + plugin.getName()));
    plugin.changed(by(), Instant.now());
    Plugin stored = em.merge(plugin);
    em.flush();
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
        configure(plugin, configuration);
      }
      if (enabled != null) {
        plugin.setEnabled(enabled);
      }
      if (!plugin.isBuiltin()) {
        bringUpOrDown(plugin);
      }
      return self.store(plugin, enabled == null ? "plugin.configure" : action(enabled));
    } catch (ProblemException e) {
      self.refuse("plugin.update", id + ' ' + plugin.getName(), e);
      throw e;
    }
  }

  private void bringUpOrDown(Plugin plugin) throws IOException {
    if (plugin.isEnabled()) {
      requireTrust(plugin);
      start(plugin);
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

  private void configure(Plugin plugin, JsonNode configuration) {
    if (!(configuration instanceof ObjectNode sent)) {
      throw ProblemException.of(
          Problem.INVALID, "config", "invalid", "The configuration is a JSON object");
    }
    ConfigSchema schema = schemaOf(plugin);
    Split present = present(plugin);
    Split laid = schema.lay(sent, present);
    if (plugin.isBuiltin()) {
      builtins.vet(plugin.getName(), sent, present, laid);
    }
    String secret = laid.secret().isEmpty() ? "" : laid.secret().toString();
    try (Secret secrets = Secret.of(secret)) {
      plugin.configure(laid.open().toString(), secrets, vault);
    }
  }

  private Split present(Plugin plugin) {
    try (Secret secrets = plugin.openSecrets(vault)) {
      return new Split(
          (ObjectNode) JSON.readTree(plugin.getConfig()),
          secrets.isEmpty()
              ? JSON.createObjectNode()
              : (ObjectNode) JSON.readTree(secrets.reveal()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A stored configuration is no JSON");
    }
  }

  /** What may be configured: JSON Schema. */
  public JsonNode configSchemaOf(Plugin plugin) {
    return schemaOf(plugin).text();
  }

  private ConfigSchema schemaOf(Plugin plugin) {
    if (plugin.isBuiltin()) {
      return builtins.configSchema(plugin.getName());
    }
    return ConfigSchema.of(
        manifestOf(plugin).flatMap(Manifest::configSchema).map(Object::toString).orElse(null));
  }

  /**
   * What the plugin says of itself; empty for what was built into another version of the server.
   */
  public Optional<Manifest> manifestOf(Plugin plugin) {
    if (plugin.isBuiltin()) {
      return builtins.manifest(plugin.getName());
    }
    return plugin
        .file()
        .map(
            file -> {
              try {
                return Manifest.read(file.manifest().getBytes(StandardCharsets.UTF_8));
              } catch (ManifestException e) {
                throw new IllegalStateException("A stored manifest cannot be read", e);
              }
            });
  }

  /** Whoever vouched for a file may have been revoked since. */
  private void requireTrust(Plugin plugin) throws IOException {
    Verdict verdict = trust.judge(plugin);
    if (!verdict.trusted()) {
      throw new ProblemException(
          Problem.NOT_RUNNING, verdict.message() + ". " + verdict.reason().fix());
    }
  }

  /**
   * Trusts this exact file and starts the plugin.
   *
   * @throws ProblemException PLUGIN_FAILED when it does not come up; it is trusted all the same
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public Plugin pin(String id) {
    Plugin plugin = self.get(id);
    self.storePin(plugin);
    return change(id, true, null);
  }

  /** The transaction of {@link #pin}. */
  public void storePin(Plugin plugin) {
    actions.fire(new AuditedAction("plugin.trust", plugin.getId() + ' ' + plugin.getName()));
    String sha256 = plugin.file().orElseThrow(Plugins::immutable).sha256();
    if (em.find(PluginPin.class, sha256) == null) {
      em.persist(new PluginPin(sha256, plugin.getName(), by(), Instant.now()));
    }
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
      self.note("plugin.reload", id + ' ' + plugin.getName());
      return plugin;
    }
    if (!plugin.isEnabled()) {
      throw new ProblemException(Problem.NOT_RUNNING, "The plugin is disabled: enable it first");
    }
    try {
      requireTrust(plugin);
      start(plugin);
      self.note("plugin.reload", id + ' ' + plugin.getName());
      return plugin;
    } catch (ProblemException e) {
      self.refuse("plugin.reload", id + ' ' + plugin.getName(), e);
      throw e;
    }
  }

  /** Removes a plugin, lets its calls end, and removes its file. */
  @TransactionAttribute(NOT_SUPPORTED)
  public void delete(String id) {
    String name = self.nameOf(id);
    try {
      registry.alone(
          name,
          () -> {
            String path = self.remove(id);
            registry.supervisor().stop(name);
            registry.stand(name, null);
            registry.store().remove(path);
            return path;
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

  /** The transaction of {@link #delete}; gives the file's name. */
  public String remove(String id) {
    Plugin plugin = em.find(Plugin.class, id);
    actions.fire(
        new AuditedAction("plugin.delete", plugin == null ? id : id + ' ' + plugin.getName()));
    if (plugin == null) {
      throw ProblemException.notFound("plugin");
    }
    String path = plugin.file().orElseThrow(Plugins::immutable).path();
    forgetPins(plugin.getName());
    em.remove(plugin);
    em.flush();
    return path;
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
   * Tries an action.
   *
   * @param input UTF-8 JSON
   * @return UTF-8 JSON
   * @throws ProblemException NOT_FOUND, NOT_RUNNING, PLUGIN_FAILED, PLUGIN_BUSY, PLUGIN_CRASHED or
   *     PLUGIN_DEADLINE
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public byte[] call(String id, String action, byte[] input) {
    Plugin plugin = self.get(id);
    self.note("plugin.call", id + ' ' + plugin.getName());
    try {
      return registry.call(plugin, action, input, null);
    } catch (PluginCallException e) {
      throw problemOf(e);
    }
  }

  private static ProblemException problemOf(PluginCallException e) {
    return switch (e.kind()) {
      case UNKNOWN_ACTION -> ProblemException.notFound("action");
      case NOT_RUNNING -> new ProblemException(Problem.NOT_RUNNING, e.getMessage());
      case REFUSED, BAD_INPUT ->
          ProblemException.of(
              Problem.PLUGIN_FAILED, List.of(new FieldError("plugin", "refused", said(e))));
      case BUSY ->
          ProblemException.retryable(Problem.PLUGIN_BUSY, e.getMessage(), Duration.ofSeconds(1));
      case CRASHED -> new ProblemException(Problem.PLUGIN_CRASHED, e.getMessage());
      case DEADLINE -> new ProblemException(Problem.PLUGIN_DEADLINE, e.getMessage());
    };
  }

  /** The plugin's own message, as far as it is a line of plain text. */
  private static String said(PluginCallException e) {
    try {
      String message = JSON.readTree(e.detail()).path("message").asText("");
      String plain = message.replaceAll("[\\p{Cc}\\p{Cf}]", " ").strip();
      if (!plain.isEmpty()) {
        return "The plugin says: " + (plain.length() > 500 ? plain.substring(0, 500) : plain);
      }
    } catch (IOException unreadable) {
      // It said nothing that could be shown.
    }
    return e.getMessage();
  }

  /** The largest signature that is looked at, in bytes. */
  public static int largestSignature() {
    return LARGEST_SIGNATURE;
  }

  private String by() {
    return session.getCallerPrincipal().getName();
  }
}
