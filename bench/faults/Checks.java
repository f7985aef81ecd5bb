import io.mimir.audit.service.AuditChain;
import io.mimir.audit.service.HeadFile;
import io.mimir.audit.service.Verification;
import io.mimir.security.service.DataKeys;
import io.mimir.start.service.OfflineData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Looks into a database beside whoever writes to it, on a connection of its own. */
final class Checks implements AutoCloseable {

  /** What has to be 0 in each database, and what it means when it is not. */
  private static final Map<String, String> NEVER = new LinkedHashMap<>();

  static {
    deeds("api_keys", "key.create", "true");
    deeds("api_keys", "key.delete", "deleted_at is not null");
    deeds("access_tokens", "token.create", "true");
    deeds("access_tokens", "token.revoke", "revoked_at is not null");
    // Nobody makes the first administrator of a server, whose name and password are settings.
    deeds(
        "accounts",
        "user.create",
        "username <> 'admin' or t.id in (select target_id from audit_events where action = 'user.create')");
    deeds("plugin_publishers", "publisher.create", "true");
    deeds("plugin_publishers", "publisher.revoke", "revoked_at is not null");
    deeds("plugins", "plugin.upload", "not is_builtin");
    NEVER.put(
        "a key has another version than its audit events say",
        "select count(*) from api_keys t where version <> (select count(*) from audit_events where target_id = t.id and outcome = 'success')");
    NEVER.put(
        "messages of a conversation are not question, answer, question in turn",
        "select count(*) from (select conversation_id, count(*) as many, min(position) as low, max(position) as high, sum(role = 'user') as asked"
            + " from messages group by conversation_id) where high - low + 1 <> many or asked not in (many / 2, (many + 1) / 2)");
    NEVER.put(
        "the audit chain was mended, so something was lost before",
        "select count(*) from audit_events where action = 'audit.break'");
    NEVER.put(
        "an event of the audit log has no place in the chain",
        "select count(*) from audit_events where position is null or seal is null");
  }

  /** A row for each event of a success, and an event for each row. */
  private static void deeds(String table, String action, String done) {
    String told =
        "(select count(*) from audit_events where action = '%s' and outcome = 'success' and target_id = t.id)"
            .formatted(action);
    NEVER.put(
        "rows of " + table + " and events " + action + " do not match",
        "select count(*) from %s t where %s <> (case when %s then 1 else 0 end)"
            .formatted(table, told, done));
    NEVER.put(
        "events " + action + " tell of what is not there",
        "select count(*) from audit_events where action = '%s' and outcome = 'success' and target_id not in (select id from %s)"
            .formatted(action, table));
  }

  private final Path data;
  private final Connection connection;

  Checks(Path data) throws SQLException {
    this.data = data;
    this.connection =
        DriverManager.getConnection(
            "jdbc:sqlite:" + data.resolve("mimir.db") + "?busy_timeout=20000&foreign_keys=true");
  }

  Connection connection() {
    return connection;
  }

  /**
   * A hash of all rows but those of the audit log, of which it is the number of successes: it only
   * grows, as the chain shows.
   */
  Map<String, String> snapshot() throws SQLException {
    Map<String, String> tables = new TreeMap<>();
    for (String table :
        texts("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")) {
      if (table.equals("audit_events")) {
        tables.put(table, "%d successes".formatted(successes()));
      } else if (!table.equals("audit_heads")) {
        tables.put(table, hash("select * from " + table));
      }
    }
    return tables;
  }

  long successes() throws SQLException {
    return number("select count(*) from audit_events where outcome = 'success'");
  }

  private String hash(String query) throws SQLException {
    MessageDigest digest = sha256();
    long count = 0;
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        count++;
        for (int i = 1; i <= columns; i++) {
          digest.update((rows.getString(i) + '\0').getBytes(StandardCharsets.UTF_8));
        }
      }
    }
    return count + " rows " + HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What is wrong with the database as a whole; empty when all holds. */
  List<String> faults() throws SQLException, IOException {
    List<String> wrong = new ArrayList<>();
    for (String line : texts("pragma quick_check")) {
      if (!line.equals("ok")) {
        wrong.add("quick_check: " + line);
      }
    }
    for (String table : texts("pragma foreign_key_check")) {
      wrong.add("a row of " + table + " belongs to what is not there");
    }
    for (Map.Entry<String, String> never : NEVER.entrySet()) {
      long found = number(never.getValue());
      if (found != 0) {
        wrong.add(never.getKey() + ": " + found);
      }
    }
    Verification chain =
        AuditChain.verify(
            connection,
            OfflineData.masterKeys().chainKeys(DataKeys.load(connection)),
            data.resolve(HeadFile.NAME),
            List.of());
    chain.findings().forEach(finding -> wrong.add("audit chain: " + finding.message()));
    if (!chain.intact()) {
      wrong.add("the audit chain is not intact");
    }
    return wrong;
  }

  /**
   * Whether what is stored is what was answered: all of it and its event, or nothing at all.
   *
   * @param before how everything was
   */
  boolean agrees(
      Results results,
      String what,
      Deeds.Kind kind,
      String name,
      Map<String, String> before,
      boolean answered)
      throws SQLException {
    Map<String, String> after = snapshot();
    long done = kind.done(connection, name);
    long told = kind.told(connection, name);
    boolean agreed =
        answered
            ? done == 1 && told == 1 && !after.equals(before)
            : done == 0 && told == 0 && after.equals(before);
    if (!agreed) {
      results.wrong(
          "%s was answered as %s; done %d, in the audit log %d, before %s, after %s"
              .formatted(what, answered ? "done" : "failed", done, told, before, after));
    }
    return agreed;
  }

  /** Empties the write-ahead log: what is written next needs room of its own then. */
  void shrinkLog() throws SQLException {
    texts("pragma wal_checkpoint(truncate)");
  }

  long number(String query) throws SQLException {
    return Long.parseLong(texts(query).get(0));
  }

  List<String> texts(String query) throws SQLException {
    List<String> texts = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
