package io.mimir.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.mimir.gateway.ObjectKind;
import io.mimir.gateway.ProviderObject;
import io.mimir.storage.service.SchemaMigration;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The statements on a real database, with the schema that ships. */
class ProviderObjectRowsTest {

  private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");

  @TempDir Path folder;

  private Connection connection;

  @BeforeEach
  void open() throws Exception {
    connection =
        DriverManager.getConnection(
            "jdbc:sqlite:%s?date_class=TEXT&date_string_format=yyyy-MM-dd HH:mm:ss.SSS"
                .formatted(folder.resolve("test.db")));
    SchemaMigration.run(connection);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  private static ProviderObject object(String id, String key, String account, ObjectKind kind) {
    return new ProviderObject(ProviderObject.hashOf(id), key, account, kind, NOW);
  }

  @Test
  void whatIsWrittenIsFoundByItsIdAndNotKeptInClear() throws SQLException {
    ProviderObject file = object("file-abc", "key_1", "usr_ann", ObjectKind.FILE);
    ProviderObjectRows.add(connection, List.of(file));

    assertThat(ProviderObjectRows.find(connection, ProviderObject.hashOf("file-abc")))
        .containsExactly(file);
    assertThat(ProviderObjectRows.find(connection, ProviderObject.hashOf("file-abd"))).isEmpty();
    try (ResultSet row =
        connection.createStatement().executeQuery("select id_hash from provider_objects")) {
      assertThat(row.getString(1)).hasSize(43).doesNotContain("abc");
    }
  }

  @Test
  void theSameIdOfTwoServersHasTwoOwners() throws SQLException {
    ProviderObjectRows.add(
        connection,
        List.of(
            object("resp_1", "key_1", "usr_ann", ObjectKind.RESPONSE),
            object("resp_1", "key_2", "usr_bob", ObjectKind.RESPONSE),
            object("resp_1", "key_3", "usr_ann", ObjectKind.RESPONSE)));

    assertThat(ProviderObjectRows.find(connection, ProviderObject.hashOf("resp_1")))
        .extracting(ProviderObject::accountId, ProviderObject::keyId)
        .containsExactlyInAnyOrder(tuple("usr_ann", "key_3"), tuple("usr_bob", "key_2"));
  }

  @Test
  void anAccountHasItsOwnOfAKindOnly() throws SQLException {
    ProviderObjectRows.add(
        connection,
        List.of(
            object("file-1", "key_1", "usr_ann", ObjectKind.FILE),
            object("file-2", "key_2", "usr_ann", ObjectKind.FILE),
            object("file-3", "key_1", "usr_bob", ObjectKind.FILE),
            object("vs_1", "key_1", "usr_ann", ObjectKind.VECTOR_STORE)));

    assertThat(ProviderObjectRows.owned(connection, "usr_ann", ObjectKind.FILE))
        .isEqualTo(
            Map.of(
                "key_1", Set.of(ProviderObject.hashOf("file-1")),
                "key_2", Set.of(ProviderObject.hashOf("file-2"))));
  }

  @Test
  void whatIsRemovedIsRemovedForItsOwnerOnly() throws SQLException {
    ProviderObjectRows.add(
        connection,
        List.of(
            object("file-1", "key_1", "usr_ann", ObjectKind.FILE),
            object("file-1", "key_1", "usr_bob", ObjectKind.FILE)));

    ProviderObjectRows.remove(connection, ProviderObject.hashOf("file-1"), "usr_ann");

    assertThat(ProviderObjectRows.find(connection, ProviderObject.hashOf("file-1")))
        .extracting(ProviderObject::accountId)
        .containsExactly("usr_bob");
  }

  @Test
  void responsesAreForgottenAndFilesAreNot() throws SQLException {
    ProviderObjectRows.add(
        connection,
        List.of(
            object("resp_1", "key_1", "usr_ann", ObjectKind.RESPONSE),
            object("file-1", "key_1", "usr_ann", ObjectKind.FILE)));

    assertThat(ProviderObjectRows.purge(connection, ObjectKind.RESPONSE, NOW)).isZero();
    assertThat(
            ProviderObjectRows.purge(
                connection, ObjectKind.RESPONSE, NOW.plus(Duration.ofMillis(1))))
        .isEqualTo(1);
    assertThat(ProviderObjectRows.find(connection, ProviderObject.hashOf("file-1"))).hasSize(1);
  }
}
