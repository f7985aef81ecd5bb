package io.mimir.chat.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.web.MimirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long conversations are kept. */
class RetentionIT {

  private static Map<String, String> settings(Path dataDir, String days) {
    return Map.of(
        "MIMIR_DATA_DIR",
        dataDir.toString(),
        "MIMIR_ADMIN_USER",
        MimirServer.ADMIN,
        "MIMIR_ADMIN_PASSWORD",
        MimirServer.PASSWORD,
        "MIMIR_CHAT_RETENTION_DAYS",
        days);
  }

  private static Api admin(MimirServer server) {
    return Api.withPassword(server.uri(), MimirServer.ADMIN, MimirServer.PASSWORD);
  }

  @Test
  void forgetsConversationsInWhichNothingHappenedForLonger(@TempDir Path folder)
      throws IOException, SQLException {
    Path dataDir = Files.createDirectory(folder.resolve("data"));
    String old;
    String recent;
    try (MimirServer server = MimirServer.start(settings(dataDir, "30"))) {
      old = admin(server).post("/chat", "{}").text("id");
      recent = admin(server).post("/chat", "{}").text("id");
    }
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + dataDir.resolve("mimir.db"));
        Statement statement = connection.createStatement()) {
      assertThat(moveBack(statement, old, 31) + moveBack(statement, recent, 29)).isEqualTo(2);
    }
    try (MimirServer server = MimirServer.start(settings(dataDir, "30"))) {
      assertThat(admin(server).get("/chat/" + old).status()).isEqualTo(404);
      assertThat(admin(server).get("/chat/" + recent).status()).isEqualTo(200);
    }
  }

  private static int moveBack(Statement statement, String id, int days) throws SQLException {
    return statement.executeUpdate(
        "update conversations set updated_at = strftime('%Y-%m-%d %H:%M:%f', updated_at, '-"
            + days
            + " days') where id = '"
            + id
            + "'");
  }
}
