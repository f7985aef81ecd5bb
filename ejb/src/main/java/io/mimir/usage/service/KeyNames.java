package io.mimir.usage.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.util.HashMap;
import java.util.Map;

/** What keys are called, for those who read about keys without managing them. */
@Stateless
@RolesAllowed({Role.ADMIN, Role.AUDITOR})
public class KeyNames {

  @PersistenceContext EntityManager em;

  /** Names by id, of deleted keys too for as long as they can be had back. */
  @TransactionAttribute(SUPPORTS)
  public Map<String, String> all() {
    Map<String, String> names = new HashMap<>();
    em.createQuery("select k.id, k.name from ApiKey k", Object[].class)
        .getResultList()
        .forEach(row -> names.put(row[0].toString(), row[1].toString()));
    return names;
  }
}
