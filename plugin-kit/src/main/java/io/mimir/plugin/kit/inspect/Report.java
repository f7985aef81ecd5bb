package io.mimir.plugin.kit.inspect;

import io.mimir.plugin.kit.PlainText;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.manifest.ManifestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Collects what an inspection finds, and words what ELF and PE have in common. */
final class Report {

  private static final int POINTER = 8;

  private final List<Check> checks = new ArrayList<>();
  private Platform platform;
  private Manifest manifest;

  void platform(Platform found) {
    platform = found;
  }

  void passed(String check, String message) {
    checks.add(Check.passed(check, message));
  }

  void failed(String check, RefusalReason reason, String message) {
    checks.add(Check.failed(check, reason, message));
  }

  void check(String check, boolean passed, RefusalReason reason, String good, String bad) {
    checks.add(passed ? Check.passed(check, good) : Check.failed(check, reason, bad));
  }

  /** Words which functions of the ABI are there. */
  void exports(List<String> missing, List<String> wrong) {
    if (!missing.isEmpty()) {
      failed(
          "exports",
          RefusalReason.MISSING_EXPORT,
          "Not exported: " + String.join(", ", missing) + ": give them C linkage and visibility");
    } else if (!wrong.isEmpty()) {
      failed(
          "exports",
          RefusalReason.MISSING_EXPORT,
          "Not plain functions: " + String.join(", ", wrong));
    } else {
      passed("exports", "All functions of the ABI are exported");
    }
  }

  void manifestMissing() {
    failed(
        "manifest",
        RefusalReason.BAD_MANIFEST,
        "There is no " + Abi.MANIFEST + " among the exports");
  }

  /**
   * Reads the manifest and checks what it asks for.
   *
   * @param bytes what stands before the NUL; null when there is no NUL
   * @param size of the object in the file; 0 when it is not known
   */
  void manifest(byte[] bytes, long size) {
    if (size == POINTER && (bytes == null || bytes.length == 0 || bytes[0] != '{')) {
      failed(
          "manifest",
          RefusalReason.BAD_MANIFEST,
          Abi.MANIFEST
              + " is a pointer: declare it as an array, const char "
              + Abi.MANIFEST
              + "[]");
    } else if (bytes == null) {
      failed(
          "manifest",
          RefusalReason.BAD_MANIFEST,
          Abi.MANIFEST + " does not end with a NUL within " + Abi.MAX_MANIFEST / 1024 + " KiB");
    } else {
      read(bytes);
    }
  }

  private void read(byte[] bytes) {
    try {
      manifest = Manifest.read(bytes);
    } catch (ManifestException e) {
      failed("manifest", e.reason(), e.getMessage());
      return;
    }
    passed("manifest", manifest.name() + " " + manifest.version());
    check(
        "abi",
        manifest.hasSupportedAbi(),
        RefusalReason.ABI_UNSUPPORTED,
        "ABI " + manifest.abi(),
        "The manifest is of form %d and ABI %d; this server knows 1 and 1"
            .formatted(manifest.format(), manifest.abi()));
    List<String> unsupported = manifest.unsupportedPermissions();
    check(
        "permissions",
        unsupported.isEmpty(),
        RefusalReason.PERMISSION_UNSUPPORTED,
        manifest.permissions().isEmpty()
            ? "Asks for nothing"
            : "Asks for " + String.join(", ", manifest.permissions()),
        unsupported.stream()
            .map(PlainText::quoted)
            .collect(Collectors.joining(", ", "Asks for ", ", which is not granted")));
  }

  Inspection inspection(FileKind kind) {
    return new Inspection(
        kind, Optional.ofNullable(platform), checks, Optional.ofNullable(manifest));
  }
}
