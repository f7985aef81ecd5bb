package io.mimir.gateway.service;

import static jakarta.ejb.TransactionAttributeType.REQUIRES_NEW;

import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.ProviderObject;
import jakarta.annotation.Resource;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.EJBException;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;

/** The table of what providers made. One method is one transaction; EJBException when it fails. */
@Stateless
@PermitAll
@TransactionAttribute(REQUIRES_NEW)
public class ProviderObjectStore {

  @Resource(lookup = "java:app/jdbc/mimir")
  DataSource pool;

  private interface Statements<T> {
    T on(Connection connection) throws SQLException;
  }

  private <T> T with(Statements<T> statements) {
    try (Connection connection = pool.getConnection()) {
      return statements.on(connection);
    } catch (SQLException e) {
      throw new EJBException("The table of what providers made cannot be used", e);
    }
  }

  public void add(Collection<ProviderObject> objects) {
    with(
        connection -> {
          ProviderObjectRows.add(connection, objects);
          return null;
        });
  }

  /** Finds the rows of all accounts that have something by this id. */
  public List<ProviderObject> find(String idHash) {
    return with(connection -> ProviderObjectRows.find(connection, idHash));
  }

  /** Reads what an account has of a kind: the hashes of its ids, by key. */
  public Map<String, Set<String>> owned(String accountId, ObjectKind kind) {
    return with(connection -> ProviderObjectRows.owned(connection, accountId, kind));
  }

  public void remove(String idHash, String accountId) {
    with(
        connection -> {
          ProviderObjectRows.remove(connection, idHash, accountId);
          return null;
        });
  }

  /**
   * Forgets what is older, of one kind.
   *
   * @return how many
   */
  public int purge(ObjectKind kind, Instant before) {
    return with(connection -> ProviderObjectRows.purge(connection, kind, before));
  }
}
