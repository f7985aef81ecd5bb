package io.mimir.credential.service;

import io.mimir.credential.ApiKey;
import io.mimir.credential.LastTest;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Stateless;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What is written of a key without changing it: its last use and the verdict of its last test. */
@Stateless
@PermitAll
public class KeyUse {

  @PersistenceContext EntityManager em;

  /** All keys that may be used; what the routing table is built from. */
  public List<ApiKey> active() {
    return em.createNamedQuery(ApiKey.ACTIVE, ApiKey.class).getResultList();
  }

  public void tested(String id, LastTest verdict) {
    em.createNamedQuery(ApiKey.TESTED)
        .setParameter("verdict", verdict)
        .setParameter("id", id)
        .executeUpdate();
  }

  public void used(Map<String, Instant> uses) {
    uses.forEach(
        (id, at) ->
            em.createNamedQuery(ApiKey.USED)
                .setParameter("at", at)
                .setParameter("id", id)
                .executeUpdate());
  }
}
