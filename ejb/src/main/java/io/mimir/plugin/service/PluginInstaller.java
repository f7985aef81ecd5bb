package io.mimir.plugin.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;

import io.mimir.audit.AuditedAction;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
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
import io.mimir.plugin.service.PluginRegistry.Standing;
import io.mimir.plugin.service.PluginStore.Staged;
import io.mimir.plugin.service.builtin.Builtins;
import io.mimir.security.Role;
import jakarta.annotation.Resource;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.SessionContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The way of a file to a plugin: it is looked at without being run, judged by who vouches for it,
 * started when it is trusted, and kept. The file's work is outside of any transaction; one at the
 * end makes it count, and what came before is undone when it fails.
 */
@Stateless
@RolesAllowed(Role.ADMIN)
public class PluginInstaller {

  /** Beside the plugin itself a signature is small. */
  private static final int MAX_SIGNATURE_BYTES = 64 * 1024;

  @Inject PluginRegistry registry;
  @Inject PluginConfig config;
  @Inject Builtins builtins;
  @Resource SessionContext session;
  @EJB PluginTrust trust;
  @EJB Plugins plugins;

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

  /** Of somebody who only trusts what was uploaded before. */
  private static final Upload NO_WISHES = new Upload(null, null, null, null, null, true);

  /**
   * What came of an upload.
   *
   * @param checks everything that was looked at
   */
  public record Installed(Plugin plugin, List<Check> checks) {}

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
      plugins.refuse(AuditedAction.of("plugin.upload").on(null, upload.displayName()), e);
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
    Plugin before = plugins.findNamed(manifest.name()).orElse(null);
    refuseTaken(before, manifest, upload.replace(), checks, staged.size());
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
    // What may run is not put out by a file that may not.
    if (before != null && !verdict.trusted() && mayRun(before)) {
      return new Installed(keepBeside(before, upload, file), checks);
    }
    Plugin plugin = keep(upload, manifest, file, before, verdict.trusted());
    stand(plugin, verdict);
    return new Installed(plugin, checks);
  }

  private boolean mayRun(Plugin plugin) {
    try {
      return registry.isUnchanged(plugin) && trust.judge(plugin).trusted();
    } catch (IOException e) {
      return false;
    }
  }

  /** Until somebody trusts it; {@link #takeNext} lets it take over then. */
  private Plugin keepBeside(Plugin plugin, Upload upload, PluginFile file) throws IOException {
    String former = plugin.next().map(PluginFile::path).orElse(null);
    boolean done = false;
    try {
      Optional<Manifest> manifest = plugins.manifestOf(plugin);
      describe(plugin, upload, manifest.orElseThrow(), manifest);
      plugin.keepBeside(file);
      Plugin kept = plugins.store(plugin, "plugin.upload");
      done = true;
      if (former != null && !former.equals(file.path())) {
        registry.store().remove(former);
      }
      return kept;
    } finally {
      if (!done && !file.path().equals(former)) {
        registry.store().remove(file.path());
      }
    }
  }

  /**
   * Trusts the version that waits beside the one that a plugin has, and lets it take over.
   *
   * @param sha256 of the file that was looked at, in hex; null for whichever waits
   * @throws ProblemException STALE where another one waits by now; NOT_RUNNING when its file was
   *     changed; PLUGIN_FAILED when it does not come up, and then it goes on waiting, though it is
   *     trusted
   * @throws IOException when its file cannot be read
   */
  @TransactionAttribute(NOT_SUPPORTED)
  public Plugin takeNext(String id, String sha256) throws IOException {
    return registry.alone(plugins.get(id).getName(), () -> takeNextAlone(id, sha256));
  }

  private Plugin takeNextAlone(String id, String sha256) throws IOException {
    Plugin plugin = plugins.get(id);
    PluginFile next = plugin.next().orElseThrow(() -> ProblemException.notFound("version"));
    Plugins.requireSeen(next, sha256);
    if (!registry.store().sha256Of(next.path()).equals(next.sha256())) {
      throw new ProblemException(
          Problem.NOT_RUNNING,
          Standing.TAMPERED.message() + ". " + RefusalReason.HASH_MISMATCH.fix());
    }
    plugins.storePin(plugin, next.sha256());
    Manifest manifest;
    try {
      manifest = Manifest.read(next.manifest().getBytes(StandardCharsets.UTF_8));
    } catch (ManifestException e) {
      throw new IOException("The stored manifest cannot be read", e);
    }
    return keep(NO_WISHES, manifest, next, plugin, true);
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
        && (uploaded() >= PluginStore.MAX_PLUGINS || !registry.store().hasRoomFor(size))) {
      throw new ProblemException(
          Problem.IN_USE, "There are as many plugins as there may be: delete one first");
    }
  }

  private long uploaded() {
    return plugins.all().stream().filter(plugin -> !plugin.isBuiltin()).count();
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
    List<String> former = before == null ? List.of() : pathsOf(before);
    boolean done = false;
    try {
      describe(
          plugin, upload, manifest, before == null ? Optional.empty() : plugins.manifestOf(before));
      plugin.hold(file);
      plugin.setEnabled(before == null ? trusted : before.isEnabled() && trusted);
      if (plugin.isEnabled()) {
        registry.start(plugin);
      } else if (before != null) {
        registry.supervisor().stop(plugin.getName());
      }
      Plugin kept = plugins.store(plugin, before == null ? "plugin.upload" : "plugin.replace");
      done = true;
      for (String path : former) {
        if (!path.equals(file.path())) {
          registry.store().remove(path);
        }
      }
      return kept;
    } finally {
      if (!done) {
        if (before == null && plugin.isEnabled()) {
          registry.supervisor().stop(plugin.getName());
        }
        if (!former.contains(file.path())) {
          registry.store().remove(file.path());
        }
      }
    }
  }

  /** The files of a plugin: the one that it has, and the one that waits beside it. */
  static List<String> pathsOf(Plugin plugin) {
    return Stream.concat(plugin.file().stream(), plugin.next().stream())
        .map(PluginFile::path)
        .toList();
  }

  /**
   * Another version keeps the words that an administrator chose for the one before; what that one
   * said of itself gives way to what this one says.
   */
  private static void describe(
      Plugin plugin, Upload upload, Manifest manifest, Optional<Manifest> former) {
    String name = upload.displayName();
    String description = upload.description();
    boolean chosen =
        former.isPresent()
            && plugin.getDescription() != null
            && !plugin.getDescription().equals(former.get().description());
    if (description == null || description.isBlank()) {
      description = chosen ? plugin.getDescription() : manifest.description();
    }
    plugin.describe(
        former.isPresent() && (name == null || name.isBlank()) ? plugin.getDisplayName() : name,
        description.strip(),
        manifest.author());
  }

  private void stand(Plugin plugin, Verdict verdict) {
    registry.stand(
        plugin.getName(),
        verdict.trusted()
            ? null
            : Standing.of(PluginState.AWAITING_TRUST, verdict.reason(), verdict.message()));
  }

  /** Returns how large a signature may be, in bytes. */
  public static int maxSignatureBytes() {
    return MAX_SIGNATURE_BYTES;
  }

  private String by() {
    return session.getCallerPrincipal().getName();
  }
}
