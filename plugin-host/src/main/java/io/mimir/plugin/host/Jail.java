package io.mimir.plugin.host;

/** What a plugin is loaded into. */
enum Jail {

  /** A system that no jail is known for: there is the boundary of the process. */
  NONE,

  /** Linux, where seccomp was refused and need not be there. */
  UNFILTERED,

  /** Linux with a filter of system calls. */
  FILTERED
}
