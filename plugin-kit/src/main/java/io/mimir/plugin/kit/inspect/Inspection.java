package io.mimir.plugin.kit.inspect;

import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.manifest.Manifest;
import java.util.List;
import java.util.Optional;

/**
 * What a file is, as far as it can be told without running it.
 *
 * @param platform what it is built for; empty when it does not say
 * @param checks in the order in which they were made; after one that leaves nothing to look at
 *     there are no more
 * @param manifest as far as it can be read, even when other checks failed
 */
public record Inspection(
    FileKind kind, Optional<Platform> platform, List<Check> checks, Optional<Manifest> manifest) {

  public Inspection {
    checks = List.copyOf(checks);
  }

  /** Whether it may be loaded, once it is trusted; then there is a manifest. */
  public boolean passed() {
    return checks.stream().allMatch(Check::passed);
  }

  public List<Check> failures() {
    return checks.stream().filter(check -> !check.passed()).toList();
  }

  /** The first reason not to load it. */
  public Optional<RefusalReason> reason() {
    return failures().stream().map(Check::reason).findFirst();
  }
}
