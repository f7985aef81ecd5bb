package io.mimir.plugin.kit;

/**
 * Why a plugin is not accepted or does not run: one code for each cause, so that nobody answers
 * "bad signature" by switching verification off. The names are part of the API (design/plugins.md,
 * Trust).
 */
public enum RefusalReason {

  // --- Trust

  /** There is neither a signature nor an allowed hash. */
  UNSIGNED(
      "Sign the file with a key of a publisher that this server knows, or let an administrator"
          + " trust this exact file."),

  /** The key that signed is none of a publisher. */
  UNKNOWN_KEY(
      "Let an administrator add the publisher's public key under Settings, Plugins, Publishers,"
          + " or trust this exact file."),

  /** Somebody took the key back. */
  KEY_REVOKED("Sign again with a key that is not revoked."),

  /** The key, or the publisher, is not valid now. */
  KEY_EXPIRED("Sign with a valid key, or let an administrator extend the publisher's validity."),

  /** The publisher may not sign for this name. */
  KEY_NOT_FOR_NAME(
      "Rename the plugin to what the publisher's name pattern allows, or let an administrator"
          + " widen the pattern."),

  /** Another file is known under this name, or was taken in. */
  HASH_MISMATCH(
      "Find out who changed the file, and upload it again as its maker gave it. Where another one"
          + " is meant, its line in trusted.sha256 has to say so first."),

  /** The signature is not one of this file by that key. */
  SIGNATURE_INVALID("Sign the file as it is now: it differs from the one that was signed."),

  /** The signature cannot be read. */
  MALFORMED_SIGNATURE(
      "Give a detached signature as gpg --detach-sign, minisign -S, ssh-keygen -Y sign -n"
          + " mimir-plugin, or a raw Ed25519 signer makes it."),

  // --- The file

  /** It is for another machine, system or C library. */
  WRONG_PLATFORM("Build the plugin for the server's own system and processor, against glibc."),

  /** It is no shared library, or none that can be loaded safely. */
  NOT_A_LIBRARY(
      "Build a shared library: cc -shared -fPIC, cargo with crate-type cdylib, or go build"
          + " -buildmode=c-shared."),

  /** It speaks another version of the plugin ABI. */
  ABI_UNSUPPORTED("Build the plugin against version 1 of the ABI: sdk/mimir_plugin.h."),

  /** A function that every plugin has is not there. */
  MISSING_EXPORT(
      "Export every function of sdk/mimir_plugin.h with C linkage and default visibility."),

  /** The manifest is not there, or does not say what it has to. */
  BAD_MANIFEST("Correct the manifest as docs/PLUGIN_DEVELOPMENT_GUIDE.md describes it."),

  /** It is a plugin for Go programs only. */
  GO_BUILDMODE_PLUGIN(
      "Rebuild with go build -buildmode=c-shared: -buildmode=plugin makes files that only the same"
          + " build of a Go program can load."),

  /** The manifest asks for what this version does not grant. */
  PERMISSION_UNSUPPORTED(
      "Remove the permission from the manifest: this version does not grant it."),

  // --- The server

  /** The stored version is newer. */
  DOWNGRADE("Upload a version above the stored one, or delete the stored one first."),

  /** There already is a plugin of this name. */
  NAME_TAKEN("Upload with replace=true to put this file in its place, or choose another name."),

  /** It is larger than this server takes. */
  TOO_LARGE("Make the file smaller (strip it), or raise MIMIR_PLUGIN_MAX_BYTES."),

  // --- While it runs

  /** Its stored file is gone, or cannot be read. */
  FILE_MISSING("Upload the plugin again, or delete it."),

  /** It did not come up: the loader or its own open function refused, or its health is bad. */
  START_FAILED("Correct what the message says, in its configuration or in the plugin, and reload."),

  /** Its process ended by itself. */
  CRASHED("Look into its log, and reload it or replace it by a version that is mended."),

  /** It used up more than its limits allow, and was ended. */
  QUOTA_EXCEEDED(
      "Have the plugin use less, or give it more under limits in its manifest: work_mb, work_files,"
          + " threads, idle_cpu_ms.");

  private final String fix;

  RefusalReason(String fix) {
    this.fix = fix;
  }

  /** What to do about it, as a sentence for people. */
  public String fix() {
    return fix;
  }

  /** Whether an administrator's trust is all that is missing: such a file is kept, and not run. */
  public boolean awaitsTrust() {
    return this == UNSIGNED || this == UNKNOWN_KEY;
  }
}
