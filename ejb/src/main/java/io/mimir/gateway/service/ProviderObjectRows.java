package io.mimir.gateway.service;

import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.ProviderObject;
import io.mimir.storage.service.Database;
import io.mimir.time.InstantConverter;
import jakarta.ejb.EJBException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The statements of the table, on a connection whose transaction belongs to the caller. */
final class ProviderObjectRows {

  private static final String ADD =
      "insert into provider_objects (id_hash, account_id, key_id, kind, created_at)"
          + " values (?, ?, ?, ?, ?) on conflict (id_hash, account_id) do update set"
          + " key_id = excluded.key_id, kind = excluded.kind";

  private static final InstantConverter TIMES = new InstantConverter();

  private ProviderObjectRows() {}

  /** Adds rows. What is there already for the same account is put in its place. */
  static void add(Connection connection, Collection<ProviderObject> objects) throws SQLException {
    try (PreparedStatement add = connection.prepareStatement(ADD)) {
      for (ProviderObject object : objects) {
        set(
            add,
            object.idHash(),
            object.accountId(),
            object.keyId(),
            object.kind().wire(),
            TIMES.convertToDatabaseColumn(object.createdAt()));
        add.addBatch();
      }
      add.executeBatch();
    }
  }

  /** Finds the rows of all accounts that have something by this id. */
  static List<ProviderObject> find(Connection connection, String idHash) throws SQLException {
    List<ProviderObject> found = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select key_id, account_id, kind, created_at from provider_objects where id_hash ="
                + " ?")) {
      set(select, idHash);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found.add(
              new ProviderObject(
                  idHash,
                  row.getString(1),
                  row.getString(2),
                  kind(row.getString(3)),
                  TIMES.convertToEntityAttribute(row.getObject(4))));
        }
      }
    }
    return found;
  }

  /** Reads what an account has of a kind: the hashes of its ids, by key. */
  static Map<String, Set<String>> owned(Connection connection, String accountId, ObjectKind kind)
      throws SQLException {
    Map<String, Set<String>> owned = new HashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "select key_id, id_hash from provider_objects where account_id = ? and kind = ?")) {
      set(select, accountId, kind.wire());
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          owned.computeIfAbsent(row.getString(1), key -> new HashSet<>()).add(row.getString(2));
        }
      }
    }
    return owned;
  }

  static void remove(Connection connection, String idHash, String accountId) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from provider_objects where id_hash = ? and account_id = ?")) {
      set(delete, idHash, accountId);
      delete.executeUpdate();
    }
  }

  /** Forgets what is older, of one kind. */
  static int purge(Connection connection, ObjectKind kind, Instant before) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from provider_objects where kind = ? and created_at < ?")) {
      set(delete, kind.wire(), TIMES.convertToDatabaseColumn(before));
      return delete.executeUpdate();
    }
  }

  /** Adds rows in a transaction of its own, on a connection of its own. */
  static void addDirectly(Collection<ProviderObject> objects) {
    try (Connection connection = Database.connection()) {
      connection.setAutoCommit(false);
      add(connection, objects);
      connection.commit();
    } catch (SQLException e) {
      throw new EJBException("Ids of providers were not written: " + Database.reason(e));
    }
  }

  private static ObjectKind kind(String wire) {
    for (ObjectKind kind : ObjectKind.values()) {
      if (kind.wire().equals(wire)) {
        return kind;
      }
    }
    throw new IllegalStateException("The table has a kind that this version does not know");
  }

  private static void set(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }
}
