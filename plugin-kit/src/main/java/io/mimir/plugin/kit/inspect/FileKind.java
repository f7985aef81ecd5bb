package io.mimir.plugin.kit.inspect;

/** What the first bytes say that a file is. */
public enum FileKind {
  /** Executable and Linkable Format: Linux and others. */
  ELF,
  /** Portable Executable: Windows. */
  PE,
  /** Nothing that plugins are. */
  OTHER
}
