package io.mimir.plugin;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.NamedQuery;
import jakarta.persistence.Table;
import java.time.Instant;

/** One exact file that an administrator trusts, whoever made it. */
@Entity
@Table(name = "plugin_pins")
@NamedQuery(name = PluginPin.ALL, query = "select p from PluginPin p")
public class PluginPin {

  public static final String ALL = "PluginPin.all";

  @Id private String sha256;

  @Column(name = "plugin_name", nullable = false, updatable = false)
  private String pluginName;

  @Column(name = "created_at", nullable = false, updatable = false)
  private Instant createdAt;

  @Column(name = "created_by", nullable = false, updatable = false)
  private String createdBy;

  protected PluginPin() {}

  /**
   * @param sha256 64 hexadecimal digits, lower case
   */
  public PluginPin(String sha256, String pluginName, String by, Instant now) {
    this.sha256 = requireNonNull(sha256);
    this.pluginName = requireNonNull(pluginName);
    this.createdBy = requireNonNull(by);
    this.createdAt = requireNonNull(now);
  }

  public String getSha256() {
    return sha256;
  }

  /** The plugin that the file was uploaded as. */
  public String getPluginName() {
    return pluginName;
  }
}
