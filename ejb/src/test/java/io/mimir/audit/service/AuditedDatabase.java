package io.mimir.audit.service;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;
import io.mimir.audit.Outcome;
import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.SchemaMigration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** A database with an audit log, as the server has it, and what somebody can do to its file. */
final class AuditedDatabase implements AutoCloseable {

  private static final String COLUMNS =
      "id, at, actor, address, action, target, outcome, request_id, target_id, target_name,"
          + " changes, node, position, previous_seal, seal";

  private static byte[] template;

  private final Path root;
  private final DataFolder folder;
  private final ChainKeys keys;
  private Connection connection;
  private AuditChain chain;
  private ChainHead known;
  private boolean wasEmpty;
  private int written;

  private AuditedDatabase(Path root) throws Exception {
    this.root = root;
    this.folder = DataFolder.lock(root.resolve("data")).orElseThrow();
    MasterKey master = MasterKey.parse(MasterKey.generate());
    this.keys =
        DataKey.chainKeys(List.of(DataKey.create(DataKey.AUDIT, master, Instant.EPOCH)), master);
    Files.write(file(), template());
    this.connection = connect();
  }

  /** An empty database of the present schema, made once: making it takes longer than a test. */
  private static synchronized byte[] template() throws Exception {
    if (template == null) {
      Path made = Files.createTempFile("mimir-audit", ".db");
      try (Connection fresh = DriverManager.getConnection("jdbc:sqlite:" + made)) {
        SchemaMigration.run(fresh);
      }
      template = Files.readAllBytes(made);
      Files.delete(made);
    }
    return template;
  }

  static AuditedDatabase fresh() throws Exception {
    return new AuditedDatabase(Files.createTempDirectory("mimir-audit"));
  }

  private Path file() {
    return root.resolve("mimir.db");
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:sqlite:"
            + file()
            + "?transaction_mode=IMMEDIATE&busy_timeout=20000&journal_mode=WAL&synchronous=OFF");
  }

  /** What the server does when it starts. */
  void start() throws Exception {
    chain = AuditChain.open(connection, keys, folder);
    known = chain.opened();
  }

  void write(int events) throws Exception {
    for (int i = 0; i < events; i++) {
      connection.setAutoCommit(false);
      ChainHead head = chain.append(connection, event(), known);
      connection.commit();
      connection.setAutoCommit(true);
      known = head;
    }
    writeHeadFile(known);
  }

  void writeInOneTransaction(int events) throws Exception {
    connection.setAutoCommit(false);
    for (int i = 0; i < events; i++) {
      known = chain.append(connection, event(), known);
    }
    connection.commit();
    connection.setAutoCommit(true);
    writeHeadFile(known);
  }

  void writeAndRollBack() throws Exception {
    connection.setAutoCommit(false);
    chain.append(connection, event(), known);
    connection.rollback();
    connection.setAutoCommit(true);
  }

  void writeFromThreads(int threads, int each) throws Exception {
    ExecutorService writers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(writers.submit(() -> writeAlone(each)));
      }
      for (Future<?> writer : all) {
        writer.get();
      }
    } finally {
      writers.shutdownNow();
    }
    known = head();
    writeHeadFile(known);
  }

  private Void writeAlone(int events) throws SQLException {
    try (Connection own = connect()) {
      own.setAutoCommit(false);
      for (int i = 0; i < events; i++) {
        chain.append(own, event(), known);
        if (i % 5 == 4) {
          own.rollback();
          chain.append(own, event(), known);
        }
        own.commit();
      }
    }
    return null;
  }

  private synchronized AuditEvent event() {
    written++;
    return AuditEvent.now(
        new AuditEvent.Actor("ada", "192.0.2.1", "req-" + written),
        "key.update",
        AuditEvent.Target.of("key_" + written, "name " + written),
        Outcome.SUCCESS,
        "[{\"field\":\"weight\",\"old\":1,\"new\":" + written + "}]");
  }

  /** Rows as they were before there was a chain. */
  void addOfBefore(int events) throws SQLException {
    for (int i = 0; i < events; i++) {
      execute(
          "insert into audit_events (id, at, actor, action, outcome) values"
              + " ('evt_00%d', '2026-01-01 00:00:0%d.000', 'ada', 'login', 'success')"
                  .formatted(i, i));
    }
  }

  void execute(String... statements) throws SQLException {
    try (Statement sql = connection.createStatement()) {
      for (String statement : statements) {
        sql.executeUpdate(statement);
      }
    }
  }

  /** Drops the triggers and makes them anew, as somebody would who does not want to be seen. */
  void withoutGuards(String... statements) throws SQLException {
    List<String> guards = new ArrayList<>();
    try (Statement sql = connection.createStatement();
        ResultSet rows = sql.executeQuery("select sql from sqlite_master where type = 'trigger'")) {
      while (rows.next()) {
        guards.add(rows.getString(1));
      }
    }
    execute(
        "drop trigger if exists audit_events_no_update",
        "drop trigger if exists audit_events_no_delete",
        "drop trigger if exists audit_events_no_replace");
    execute(statements);
    execute(guards.toArray(String[]::new));
  }

  String text(String query) throws SQLException {
    try (Statement sql = connection.createStatement();
        ResultSet rows = sql.executeQuery(query)) {
      String text = rows.next() ? rows.getString(1) : null;
      wasEmpty = text != null && text.isEmpty();
      return text == null ? "" : text;
    }
  }

  /** Whether the last text was empty, and not null. */
  boolean wasEmpty() {
    return wasEmpty;
  }

  /** What an event says, as assignments, without its place and its seals. */
  String words(int position) throws SQLException {
    List<String> words = new ArrayList<>();
    for (String column : List.of("at", "actor", "action", "target", "target_id", "changes")) {
      String value = text("select " + column + " from audit_events where position = " + position);
      words.add(column + " = '" + value + "'");
    }
    return String.join(", ", words);
  }

  /** Rows as statements that would write them again. */
  List<String> dump(String where) throws SQLException {
    List<String> statements = new ArrayList<>();
    String quoted =
        Stream.of(COLUMNS.split(", "))
            .map(column -> "quote(" + column + ")")
            .reduce((one, other) -> one + " || ', ' || " + other)
            .orElseThrow();
    try (Statement sql = connection.createStatement();
        ResultSet rows =
            sql.executeQuery(
                "select " + quoted + " from audit_events where " + where + " order by position")) {
      while (rows.next()) {
        statements.add(
            "insert into audit_events (" + COLUMNS + ") values (" + rows.getString(1) + ")");
      }
    }
    return statements;
  }

  String headRow() throws SQLException {
    return "insert into audit_heads (node, position, seal, head_seal) values ("
        + text(
            "select quote(node)||','||position||','||quote(seal)||','||quote(head_seal)"
                + " from audit_heads")
        + ")";
  }

  ChainHead head() throws SQLException {
    return ChainHead.parse(text("select node||'/'||position||'/'||seal from audit_heads"))
        .orElseThrow();
  }

  Path headFile() {
    return folder.file(HeadFile.NAME);
  }

  void writeHeadFile(ChainHead head) throws Exception {
    HeadFile.write(folder, head, keys);
  }

  void deleteHeadFile() throws Exception {
    Files.delete(headFile());
  }

  byte[] copy() throws Exception {
    Path copy = root.resolve("copy.db");
    Files.deleteIfExists(copy);
    execute("vacuum into '" + copy + "'");
    return Files.readAllBytes(copy);
  }

  void replaceWith(byte[] copy) throws Exception {
    connection.close();
    Files.deleteIfExists(root.resolve("mimir.db-wal"));
    Files.deleteIfExists(root.resolve("mimir.db-shm"));
    Files.write(file(), copy);
    connection = connect();
  }

  void restored(Instant backupAt) throws Exception {
    known = AuditChain.restored(connection, keys, headFile(), "operator", backupAt);
  }

  Verification verify(ChainHead... outside) throws Exception {
    return AuditChain.verify(connection, keys, headFile(), List.of(outside));
  }

  List<String> export() throws SQLException {
    List<String> lines = new ArrayList<>();
    ChainHead after = null;
    do {
      ExportPage page = ExportPage.of(new ChainRows(connection).page(after, 1000), 1000);
      lines.addAll(page.lines());
      after = page.next();
    } while (after != null);
    return lines;
  }

  Verification verifyCopy(List<String> lines) {
    return AuditChain.verifyCopy(lines.stream(), keys);
  }

  @Override
  public void close() throws IOException, SQLException {
    connection.close();
    folder.close();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
