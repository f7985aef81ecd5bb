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

/** What access tokens are called, for those who read about them without managing them. */
@Stateless
@RolesAllowed({Role.ADMIN, Role.AUDITOR})
public class AccessTokenNames {

  @PersistenceContext EntityManager em;

  /** Names by id, of revoked tokens too. */
  @TransactionAttribute(SUPPORTS)
  public Map<String, String> all() {
    Map<String, String> names = new HashMap<>();
    em.createQuery("select t.id, t.name from AccessToken t", Object[].class)
        .getResultList()
        .forEach(row -> names.put(row[0].toString(), row[1].toString()));
    return names;
  }

  /** Returns names by id of one account's tokens, of revoked ones too: for that account itself. */
  @RolesAllowed(Role.PERSON)
  @TransactionAttribute(SUPPORTS)
  public Map<String, String> of(String accountId) {
    Map<String, String> names = new HashMap<>();
    em.createQuery(
            "select t.id, t.name from AccessToken t where t.owner.id = :account", Object[].class)
        .setParameter("account", accountId)
        .getResultList()
        .forEach(row -> names.put(row[0].toString(), row[1].toString()));
    return names;
  }
}
