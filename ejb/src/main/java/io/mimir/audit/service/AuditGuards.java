package io.mimir.audit.service;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The triggers that let rows be added to the log and nothing else: no UPDATE, no DELETE, and no
 * INSERT OR REPLACE, which would delete without asking the others. Whoever can write to the file
 * can drop them; the chain shows what was done then.
 */
final class AuditGuards {

  private static final Map<String, String> GUARDS = new LinkedHashMap<>();

  static {
    GUARDS.put(
        "audit_events_no_update",
        "CREATE TRIGGER audit_events_no_update before update on audit_events"
            + " begin select raise(abort, 'audit events are never changed'); end");
    GUARDS.put(
        "audit_events_no_delete",
        "CREATE TRIGGER audit_events_no_delete before delete on audit_events"
            + " begin select raise(abort, 'audit events are never deleted'); end");
    GUARDS.put(
        "audit_events_no_replace",
        "CREATE TRIGGER audit_events_no_replace before insert on audit_events"
            + " when exists (select 1 from audit_events where id = new.id)"
            + " or exists (select 1 from audit_events where rowid = new.rowid)"
            + " or exists (select 1 from audit_events where node = new.node"
            + " and position = new.position)"
            + " begin select raise(abort, 'audit events are never replaced'); end");
  }

  private AuditGuards() {}

  /** Tells whether all of them are there as they were made. */
  static boolean areThere(Connection connection) throws SQLException {
    for (Map.Entry<String, String> guard : GUARDS.entrySet()) {
      if (!guard.getValue().equals(made(connection, guard.getKey()))) {
        return false;
      }
    }
    return true;
  }

  /** Makes those that are missing or differ. */
  static void raise(Connection connection) throws SQLException {
    for (Map.Entry<String, String> guard : GUARDS.entrySet()) {
      if (guard.getValue().equals(made(connection, guard.getKey()))) {
        continue;
      }
      try (Statement sql = connection.createStatement()) {
        sql.executeUpdate("drop trigger if exists " + guard.getKey());
        sql.executeUpdate(guard.getValue());
      }
    }
  }

  private static String made(Connection connection, String name) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select sql from sqlite_master where type = 'trigger' and name = ?"
                + " and tbl_name = 'audit_events'")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? rows.getString(1) : null;
      }
    }
  }
}
