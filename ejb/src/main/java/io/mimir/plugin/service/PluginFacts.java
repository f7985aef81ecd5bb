package io.mimir.plugin.service;

import io.mimir.audit.Facts;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
import io.mimir.plugin.PluginPublisher;

/** What the audit log may tell of plugins and of those who sign them. */
final class PluginFacts {

  private PluginFacts() {}

  /** Without the configuration: {@link PluginConfigurations#factsOf} knows what of it is secret. */
  static Facts of(Plugin plugin) {
    return new Facts()
        .tell("name", plugin.getName())
        .tell("display_name", plugin.getDisplayName())
        .tell("type", plugin.getType().wire())
        .tell("version", plugin.getVersion())
        .tell("sha256", plugin.file().map(PluginFile::sha256).orElse(null))
        .tell("is_enabled", plugin.isEnabled());
  }

  static Facts of(PluginPublisher publisher) {
    return new Facts()
        .tell("name", publisher.getName())
        .tell("kind", publisher.getKind())
        .tell("fingerprint", publisher.getFingerprint())
        .tell("name_pattern", publisher.getNamePattern())
        .tell("valid_from", publisher.getValidFrom())
        .tell("valid_until", publisher.getValidUntil())
        .tell("revoked_at", publisher.getRevokedAt());
  }
}
