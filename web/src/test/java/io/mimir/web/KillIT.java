package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed while it writes (T30), and one that ends as it should. Killed twice in
 * the tests; {@code -Dmimir.kills=50} does it in a loop, for docs/measurements.md.
 */
class KillIT {

  /** What is made, and the table that it has to be in. */
  private enum Made {
    KEY(
        "/api/v1/settings/api-keys",
        "{\"provider\":\"openai\",\"name\":\"%s\",\"key_value\":\"sk-x\"}",
        "api_keys"),
    TOKEN("/api/v1/settings/tokens", "{\"name\":\"%s\",\"scopes\":[\"gateway\"]}", "access_tokens"),
    CONVERSATION("/api/v1/chat", "{\"title\":\"%s\"}", "conversations");

    private final String address;
    private final String body;
    private final String table;

    Made(String address, String body, String table) {
      this.address = address;
      this.body = body;
      this.table = table;
    }
  }

  /** Something that was answered with 201. */
  private record Acknowledged(Made what, String id) {}

  @TempDir Path folder;

  @Test
  void whatWasAcknowledgedIsThereAfterAKill() throws Exception {
    int kills = Integer.getInteger("mimir.kills", 2);
    List<Acknowledged> acknowledged = new CopyOnWriteArrayList<>();
    for (int round = 0; round < kills; round++) {
      MimirServer server = start();
      assertPresent(server, acknowledged);
      Thread[] writers = new Thread[4];
      for (int i = 0; i < writers.length; i++) {
        writers[i] = new Thread(() -> write(server, acknowledged));
        writers[i].start();
      }
      int before = acknowledged.size();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (acknowledged.size() < before + 20 && System.nanoTime() < end) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      server.kill();
      for (Thread writer : writers) {
        writer.join();
      }
      assertThat(acknowledged.size()).as("writes of round %d", round).isGreaterThan(before);
    }
    MimirServer last = start();
    assertPresent(last, acknowledged);
    assertThat(last.stop()).isZero();
  }

  @Test
  void whatATokenWasUsedForLastIsWrittenWhenTheServerEnds() throws Exception {
    MimirServer server = start();
    String token =
        admin(server)
            .post("/api/v1/settings/tokens", "{\"name\":\"last\",\"scopes\":[\"gateway\"]}")
            .text("token");
    assertThat(Wire.anonymous(server.uri()).with(token).get("/v1/models").status()).isEqualTo(200);
    assertThat(server.stop()).isZero();

    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + server.dataDir().resolve("mimir.db"));
        ResultSet used =
            database
                .createStatement()
                .executeQuery("select count(last_used_at) from access_tokens")) {
      assertThat(used.next()).isTrue();
      assertThat(used.getInt(1)).isEqualTo(1);
    }
  }

  private MimirServer start() {
    return MimirServer.start(
        Map.of(
            "MIMIR_ADMIN_USER", MimirServer.ADMIN,
            "MIMIR_ADMIN_PASSWORD", MimirServer.PASSWORD,
            "MIMIR_DATA_DIR", folder.resolve("data").toString()));
  }

  private static Wire admin(MimirServer server) {
    return Wire.anonymous(server.uri()).as(MimirServer.ADMIN, MimirServer.PASSWORD);
  }

  private static void write(MimirServer server, List<Acknowledged> acknowledged) {
    Wire admin = admin(server);
    try {
      for (int i = 0; ; i++) {
        Made what = Made.values()[i % Made.values().length];
        Wire.Answer created =
            admin.post(what.address, what.body.formatted(java.util.UUID.randomUUID()));
        if (created.status() == 201) {
          acknowledged.add(new Acknowledged(what, created.text("id")));
        }
      }
    } catch (java.io.UncheckedIOException e) {
      // The server was killed, as it should be.
    }
  }

  /** In the file itself, beside the server that was started on it. */
  private static void assertPresent(MimirServer server, List<Acknowledged> acknowledged)
      throws SQLException {
    try (Connection database =
        DriverManager.getConnection("jdbc:sqlite:" + server.dataDir().resolve("mimir.db"))) {
      for (Made what : Made.values()) {
        assertThat(ids(database, "select id from " + what.table))
            .containsAll(
                acknowledged.stream()
                    .filter(each -> each.what() == what)
                    .map(Acknowledged::id)
                    .toList());
      }
      assertThat(
              ids(
                  database,
                  "select id from api_keys union all select id from access_tokens except"
                      + " select target_id from audit_events where outcome = 'success'"))
          .as("what the audit log does not tell of")
          .isEmpty();
      assertThat(ids(database, "pragma quick_check")).containsExactly("ok");
    }
  }

  private static List<String> ids(Connection database, String query) throws SQLException {
    List<String> ids = new ArrayList<>();
    try (Statement statement = database.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
    }
    return ids;
  }
}
