package io.mimir.plugin;

import static java.util.Objects.requireNonNull;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.id.Ids;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/** A plugin that was uploaded, or that is built in, and how it is configured. */
@Entity
@Table(name = "plugins")
@NamedQuery(
    name = Plugin.ALL,
    query = "select p from Plugin p order by p.builtin desc, p.createdAt desc, p.id desc")
@NamedQuery(name = Plugin.NAMED, query = "select p from Plugin p where p.name = :name")
public class Plugin {

  public static final String ALL = "Plugin.all";
  public static final String NAMED = "Plugin.named";

  private static final Pattern DISPLAY_NAME = Pattern.compile("[\\p{L}\\p{N} ._-]{1,100}");

  @Id private String id = Ids.random("plugin_");

  @Version
  @Column(name = "row_version")
  private long rowVersion;

  @Column(nullable = false, updatable = false)
  private String name;

  @Column(name = "display_name")
  private String displayName;

  @Column(nullable = false)
  private PluginType type;

  @Column(nullable = false)
  private String version;

  @Column(name = "file_path", nullable = false)
  private String filePath;

  private String description;

  private String author;

  @Column(name = "is_enabled", nullable = false)
  private boolean enabled;

  @Column(name = "is_builtin", nullable = false, updatable = false)
  private boolean builtin;

  private String config = "{}";

  @Column(name = "config_secrets")
  private String configSecrets;

  private String sha256;

  private String manifest;

  private String signature;

  /** Another version that waits for trust while this one runs; all null when there is none. */
  @Column(name = "next_version")
  private String nextVersion;

  @Column(name = "next_file_path")
  private String nextFilePath;

  @Column(name = "next_sha256")
  private String nextSha256;

  @Column(name = "next_manifest")
  private String nextManifest;

  @Column(name = "next_signature")
  private String nextSignature;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "updated_at", nullable = false)
  private Instant updatedAt;

  @Column(name = "created_by", nullable = false, updatable = false)
  private String createdBy;

  @Column(name = "updated_by", nullable = false)
  private String updatedBy;

  protected Plugin() {}

  private Plugin(String name, PluginType type, boolean builtin, String by, Instant now) {
    this.name = requireNonNull(name);
    this.type = requireNonNull(type);
    this.builtin = builtin;
    this.createdBy = requireNonNull(by);
    this.createdAt = requireNonNull(now);
    changed(by, now);
  }

  /** One that was uploaded; not enabled yet. */
  public static Plugin uploaded(
      String name, PluginType type, PluginFile file, String by, Instant now) {
    Plugin plugin = new Plugin(name, type, false, by, now);
    plugin.hold(file);
    return plugin;
  }

  /**
   * One that is part of the server, enabled from the start. Its id follows from its name, so that
   * it is the same wherever Mimir runs.
   */
  public static Plugin builtin(String name, PluginType type, String version, Instant now) {
    Plugin plugin = new Plugin(name, type, true, "system", now);
    plugin.id = "plugin_" + name;
    plugin.version = requireNonNull(version);
    plugin.filePath = "builtin:" + name;
    plugin.enabled = true;
    return plugin;
  }

  /** Another version of a plugin that is part of the server came with the server. */
  public void upgrade(String version, String description, Instant now) {
    this.version = requireNonNull(version);
    this.description = description;
    changed("system", now);
  }

  /** Keeps another version beside the one that it has, until somebody trusts it. */
  public final void keepBeside(PluginFile next) {
    this.nextVersion = next == null ? null : next.version();
    this.nextFilePath = next == null ? null : next.path();
    this.nextSha256 = next == null ? null : next.sha256();
    this.nextManifest = next == null ? null : next.manifest();
    this.nextSignature = next == null ? null : next.signature();
  }

  /** The version that waits for trust beside the one that it has. */
  public Optional<PluginFile> next() {
    return nextVersion == null
        ? Optional.empty()
        : Optional.of(
            new PluginFile(nextVersion, nextFilePath, nextSha256, nextManifest, nextSignature));
  }

  /** Takes another file for its own; what it was before is not kept, nor what was beside it. */
  public final void hold(PluginFile file) {
    keepBeside(null);
    this.version = file.version();
    this.filePath = file.path();
    this.sha256 = file.sha256();
    this.manifest = file.manifest();
    this.signature = file.signature();
  }

  /** The library; empty for what is built in. */
  public Optional<PluginFile> file() {
    return builtin
        ? Optional.empty()
        : Optional.of(new PluginFile(version, filePath, sha256, manifest, signature));
  }

  /**
   * What people see.
   *
   * @param displayName null or blank for the name itself
   * @throws ProblemException REFUSED when it has characters that a name has not
   */
  public void describe(String displayName, String description, String author) {
    String wanted = displayName == null ? "" : displayName.strip();
    if (!wanted.isEmpty() && !DISPLAY_NAME.matcher(wanted).matches()) {
      throw ProblemException.of(
          Problem.REFUSED,
          "name",
          "invalid",
          "Use 1 to 100 letters, digits, blanks, dots, hyphens and underscores");
    }
    this.displayName = wanted.isEmpty() ? null : wanted;
    this.description = description;
    this.author = author;
  }

  public void setEnabled(boolean enabled) {
    this.enabled = enabled;
  }

  /**
   * @param config JSON without what is secret
   * @param secrets a JSON object of what is secret, or the empty secret when nothing is
   */
  public void configure(String config, Secret secrets, Vault vault) {
    this.config = requireNonNull(config);
    this.configSecrets = secrets.isEmpty() ? null : vault.seal(secrets, context()).stored();
  }

  /** The secret part of the configuration as JSON; empty when there is none. Close it after use. */
  public Secret openSecrets(Vault vault) {
    return configSecrets == null
        ? Secret.of("")
        : vault.open(SealedSecret.ofStored(configSecrets), context());
  }

  private SealContext context() {
    return new SealContext("plugins", "config_secrets", id, name, "");
  }

  public boolean hasSecrets() {
    return configSecrets != null;
  }

  /** Marks that somebody changed something. */
  public final void changed(String by, Instant now) {
    this.updatedBy = requireNonNull(by);
    this.updatedAt = requireNonNull(now);
  }

  public String getId() {
    return id;
  }

  public long getRowVersion() {
    return rowVersion;
  }

  public String getName() {
    return name;
  }

  /** What people see: the name when nobody chose another one. */
  public String getDisplayName() {
    return displayName == null ? name : displayName;
  }

  public PluginType getType() {
    return type;
  }

  public String getVersion() {
    return version;
  }

  public String getFilePath() {
    return filePath;
  }

  public String getDescription() {
    return description;
  }

  public String getAuthor() {
    return author;
  }

  public boolean isEnabled() {
    return enabled;
  }

  public boolean isBuiltin() {
    return builtin;
  }

  /** JSON without what is secret. */
  public String getConfig() {
    return config;
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  public Instant getUpdatedAt() {
    return updatedAt;
  }

  public String getCreatedBy() {
    return createdBy;
  }

  public String getUpdatedBy() {
    return updatedBy;
  }
}
