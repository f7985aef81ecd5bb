package io.mimir.audit.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.security.Role;
import org.junit.jupiter.api.Test;

class AuditLogTest {

  @Test
  void itsReadersAreTheAuditors() {
    assertThat(AuditLog.READER).isEqualTo(Role.AUDITOR);
  }
}
