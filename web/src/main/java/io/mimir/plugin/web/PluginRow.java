package io.mimir.plugin.web;

import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
import io.mimir.plugin.PluginState;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.service.PluginRegistry;
import io.mimir.plugin.service.PluginRegistry.Standing;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A plugin as the list of the page shows it.
 *
 * @param cause a word of the kit for the state, or null
 * @param message what is wrong, for people, or null
 * @param fix what to do about it, or null
 * @param next the version that waits for trust beside it, or null
 * @param nextSha256 of the file of that version, or null
 * @param sha256 null for what is built in
 * @param signed whether somebody's signature came with it
 * @param gaps what its jail lacks; null before it ran, and for what is built in
 */
public record PluginRow(
    String id,
    String name,
    String displayName,
    String type,
    String version,
    String description,
    String author,
    boolean enabled,
    boolean builtin,
    PluginState state,
    String cause,
    String message,
    String fix,
    String next,
    String nextSha256,
    String sha256,
    boolean signed,
    List<String> gaps,
    Instant updatedAt) {

  static PluginRow of(Plugin plugin, PluginRegistry registry) {
    Standing standing = registry.standingOf(plugin);
    Optional<PluginFile> file = plugin.file();
    return new PluginRow(
        plugin.getId(),
        plugin.getName(),
        plugin.getDisplayName(),
        plugin.getType().wire(),
        plugin.getVersion(),
        plugin.getDescription(),
        plugin.getAuthor(),
        plugin.isEnabled(),
        plugin.isBuiltin(),
        standing.state(),
        standing.reason(),
        standing.message(),
        standing.reason() == null ? null : RefusalReason.valueOf(standing.reason()).fix(),
        plugin.next().map(PluginFile::version).orElse(null),
        plugin.next().map(PluginFile::sha256).orElse(null),
        file.map(PluginFile::sha256).orElse(null),
        file.map(PluginFile::signature).isPresent(),
        standing.jailGaps(),
        plugin.getUpdatedAt());
  }

  /** Good news, bad news, something to do, or nothing of the kind. */
  public String getTone() {
    return switch (state) {
      case RUNNING -> "good";
      case AWAITING_TRUST, RESTARTING -> "warn";
      case QUARANTINED, TAMPERED, INCOMPATIBLE, MISSING -> "bad";
      case DISABLED, STARTING, DRAINING -> "";
    };
  }

  public String getIcon() {
    return switch (state) {
      case RUNNING -> "active";
      case DISABLED -> "disabled";
      case AWAITING_TRUST -> "untested";
      case STARTING, DRAINING, RESTARTING -> "clock";
      case QUARANTINED, TAMPERED, INCOMPATIBLE, MISSING -> "failing";
    };
  }

  public boolean isAwaitingTrust() {
    return state == PluginState.AWAITING_TRUST;
  }

  /** Whether there is a file that somebody may trust: its own, or another version of it. */
  public boolean isTrustable() {
    return isAwaitingTrust() || next != null;
  }

  /** The hash of the file that somebody may trust. */
  public String getTrustableSha256() {
    return next == null ? sha256 : nextSha256;
  }

  /** Whether its state will change by itself. */
  public boolean isMoving() {
    return state == PluginState.STARTING
        || state == PluginState.RESTARTING
        || state == PluginState.DRAINING;
  }

  public boolean isRanJailed() {
    return gaps != null;
  }
}
