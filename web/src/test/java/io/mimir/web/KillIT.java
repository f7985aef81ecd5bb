package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
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

  private static final String KEYS = "/api/v1/settings/api-keys";

  @TempDir Path folder;

  @Test
  void whatWasAcknowledgedIsThereAfterAKill() throws Exception {
    int kills = Integer.getInteger("mimir.kills", 2);
    List<String> acknowledged = new CopyOnWriteArrayList<>();
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

  private static void write(MimirServer server, List<String> acknowledged) {
    Wire admin = admin(server);
    try {
      for (int i = 0; ; i++) {
        Wire.Answer created =
            admin.post(
                KEYS,
                "{\"provider\":\"openai\",\"name\":\"%s\",\"key_value\":\"sk-x\"}"
                    .formatted(java.util.UUID.randomUUID()));
        if (created.status() == 201) {
          acknowledged.add(created.text("id"));
        }
      }
    } catch (java.io.UncheckedIOException e) {
      // The server was killed, as it should be.
    }
  }

  private static void assertPresent(MimirServer server, List<String> acknowledged)
      throws IOException {
    String all = admin(server).get(KEYS).http().body();
    for (String id : acknowledged) {
      assertThat(all).contains(id);
    }
    assertThat(Files.exists(server.dataDir().resolve("mimir.db"))).isTrue();
  }
}
