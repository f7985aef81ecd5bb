package io.mimir.security.service;

import io.mimir.security.DataKey;
import io.mimir.storage.service.SchemaMigration;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** The table of data keys, read and written before there is a persistence unit. */
public final class DataKeys {

  private DataKeys() {}

  /** All of them, oldest first; none when the table is not there yet. */
  public static List<DataKey> load(Connection connection) throws SQLException {
    List<DataKey> keys = new ArrayList<>();
    if (!SchemaMigration.hasTable(connection, "data_keys")) {
      return keys;
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select id, purpose, wrapped_key, created_at from data_keys order by created_at, id")) {
      while (rows.next()) {
        Instant at = rows.getTimestamp(4).toLocalDateTime().toInstant(ZoneOffset.UTC);
        keys.add(DataKey.ofStored(rows.getString(1), rows.getString(2), rows.getString(3), at));
      }
    }
    return keys;
  }

  public static void insert(Connection connection, DataKey key) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into data_keys (id, purpose, wrapped_key, created_at) values (?, ?, ?, ?)")) {
      insert.setString(1, key.getId());
      insert.setString(2, key.getPurpose());
      insert.setString(3, key.getWrappedKey());
      insert.setTimestamp(
          4,
          java.sql.Timestamp.valueOf(LocalDateTime.ofInstant(key.getCreatedAt(), ZoneOffset.UTC)));
      insert.executeUpdate();
    }
  }

  /** Stores another wrapping of the same key. */
  public static void update(Connection connection, DataKey key) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("update data_keys set wrapped_key = ? where id = ?")) {
      update.setString(1, key.getWrappedKey());
      update.setString(2, key.getId());
      update.executeUpdate();
    }
  }
}
