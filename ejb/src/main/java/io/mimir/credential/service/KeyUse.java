package io.mimir.credential.service;

import io.mimir.credential.ApiKey;
import io.mimir.credential.LastTest;
import io.mimir.time.InstantConverter;
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

  private static final String USED =
      "update api_keys set last_used_at = ?1 where id = ?2"
          + " and (last_used_at is null or last_used_at < ?1)";

  @PersistenceContext EntityManager em;

  /** All keys that may be used; what the routing table is built from. */
  public List<ApiKey> active() {
    return em.createNamedQuery(ApiKey.ACTIVE, ApiKey.class).getResultList();
  }

  // In SQL, because EclipseLink moves the version with every update in JPQL, and neither a test nor
  // a use may move the ETag.

  public void tested(String id, LastTest verdict) {
    em.createNativeQuery("update api_keys set last_test = ?1 where id = ?2")
        .setParameter(1, new LastTestConverter().convertToDatabaseColumn(verdict))
        .setParameter(2, id)
        .executeUpdate();
  }

  /** Never turns a last use back: another node may have written a later one. */
  public void used(Map<String, Instant> uses) {
    InstantConverter times = new InstantConverter();
    uses.forEach(
        (id, at) ->
            em.createNativeQuery(USED)
                .setParameter(1, times.convertToDatabaseColumn(at))
                .setParameter(2, id)
                .executeUpdate());
  }

  /** Removes for good what can no longer be had back; SQLite overwrites the freed pages. */
  public int purge(Instant deletedBefore) {
    return em.createNamedQuery(ApiKey.PURGE).setParameter("before", deletedBefore).executeUpdate();
  }
}
