package io.mimir.audit.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.audit.AuditedAction;
import io.mimir.security.Role;
import jakarta.ejb.SessionContext;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuditLogTest {

  private final List<String> asked = new ArrayList<>();
  private final AuditLog log = new AuditLog();

  AuditLogTest() {
    log.session =
        (SessionContext)
            Proxy.newProxyInstance(
                SessionContext.class.getClassLoader(),
                new Class<?>[] {SessionContext.class},
                (proxy, method, arguments) -> {
                  asked.add(method.getName());
                  return null;
                });
  }

  @Test
  void itsReadersAreTheAuditors() {
    assertThat(AuditLog.READER).isEqualTo(Role.AUDITOR);
  }

  @Test
  void whatIsBegunAndNotSaidToBeDoneIsUndone() {
    AuditedAction begun = AuditedAction.of("key.update").on("key_1", "mine");
    log.record(begun);
    log.require(begun);

    assertThat(asked).containsExactly("setRollbackOnly");
  }

  @Test
  void whatIsDoneMayBeCommitted() {
    log.require(AuditedAction.of("key.update").on("key_1", "mine").done());

    assertThat(asked).isEmpty();
  }

  @Test
  void aFailureIsWrittenOnceHoweverOftenTheActionWasFired() {
    AuditedAction action = AuditedAction.of("key.update");

    assertThat(action.fail()).isTrue();
    assertThat(action.fail()).isFalse();
  }
}
