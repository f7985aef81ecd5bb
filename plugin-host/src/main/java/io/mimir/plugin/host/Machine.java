package io.mimir.plugin.host;

import java.util.Optional;

/** The processors that the jail knows, on Linux. */
enum Machine {
  X86_64(0xC000003E),
  AARCH64(0xC00000B7);

  /** The number of a system call that a machine does not have. */
  static final int NONE = -1;

  private final int audit;

  Machine(int audit) {
    this.audit = audit;
  }

  /** The AUDIT_ARCH_ value of linux/audit.h, which a seccomp filter sees. */
  int audit() {
    return audit;
  }

  /** That of this process; empty where there is no jail. */
  static Optional<Machine> own() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return Optional.empty();
    }
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> Optional.of(X86_64);
      case "aarch64" -> Optional.of(AARCH64);
      default -> Optional.empty();
    };
  }
}
