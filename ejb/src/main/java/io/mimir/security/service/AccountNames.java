package io.mimir.security.service;

import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.util.HashMap;
import java.util.Map;

/** The names of accounts, for those who read about them without managing them. */
@Stateless
@RolesAllowed({Role.ADMIN, Role.AUDITOR})
public class AccountNames {

  @PersistenceContext EntityManager em;

  /** Returns names by id. */
  @TransactionAttribute(SUPPORTS)
  public Map<String, String> all() {
    Map<String, String> names = new HashMap<>();
    em.createQuery("select a.id, a.username from Account a", Object[].class)
        .getResultList()
        .forEach(row -> names.put(row[0].toString(), row[1].toString()));
    return names;
  }
}
