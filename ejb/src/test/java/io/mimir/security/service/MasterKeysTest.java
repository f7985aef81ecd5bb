package io.mimir.security.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeysTest {

  private static final SealContext CONTEXT =
      new SealContext("api_keys", "key_value", "key_1", "openai", "default");

  private final MasterKey old = MasterKey.parse(MasterKey.generate());
  private final MasterKey present = MasterKey.parse(MasterKey.generate());

  private static List<DataKey> keys(MasterKey master) {
    return new ArrayList<>(
        List.of(
            DataKey.create(DataKey.SEAL, master, Instant.parse("2026-01-01T00:00:00Z")),
            DataKey.create(DataKey.MAC, master, Instant.parse("2026-01-02T00:00:00.123Z")),
            DataKey.create(DataKey.AUDIT, master, Instant.parse("2026-01-03T00:00:00Z"))));
  }

  @Test
  void aNewMasterKeyOpensWhatAPreviousOneWrapped() {
    List<DataKey> stored = keys(old);
    SealedSecret sealed =
        new MasterKeys(old, List.of()).vault(stored).seal(Secret.of("sk-1"), CONTEXT);
    MasterKeys both = new MasterKeys(present, List.of(old));

    assertThat(both.foreign(stored)).isEmpty();
    assertThat(both.rewrap(stored)).containsExactlyElementsOf(stored);
    assertThat(both.rewrap(stored)).isEmpty();

    assertThat(stored).allMatch(key -> key.opensWith(present)).noneMatch(key -> key.opensWith(old));
    Vault vault = new MasterKeys(present, List.of()).vault(stored);
    assertThat(vault.open(sealed, CONTEXT).reveal()).isEqualTo("sk-1");
  }

  @Test
  void aVaultAndAChainOfAPreviousMasterKeyOpenToo() {
    MasterKeys both = new MasterKeys(present, List.of(old));

    assertThat(both.vault(keys(old))).isNotNull();
    assertThat(both.chainKeys(keys(old))).isNotNull();
    assertThatThrownBy(() -> both.chainKeys(new ArrayList<>()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aStrangersDataKeyIsNamedByItsMasterKey() {
    List<DataKey> stored = keys(present);
    stored.addAll(keys(old));

    assertThat(new MasterKeys(present, List.of()).foreign(stored)).contains(old.id());
    assertThat(new MasterKeys(present, List.of()).foreign(keys(present))).isEmpty();
  }

  @Test
  void dataKeysAreStoredAndReadOldestFirst() throws SQLException {
    try (TestStore store = TestStore.fresh();
        Connection connection = store.connections().getConnection()) {
      List<DataKey> keys = keys(old);
      assertThat(DataKeys.load(connection)).isEmpty();
      DataKeys.insert(connection, keys.get(1));
      DataKeys.insert(connection, keys.get(0));

      List<DataKey> read = DataKeys.load(connection);

      assertThat(read).extracting(DataKey::getPurpose).containsExactly(DataKey.SEAL, DataKey.MAC);
      assertThat(read.get(1).getCreatedAt()).isEqualTo(Instant.parse("2026-01-02T00:00:00.123Z"));
      assertThat(read.get(0).getId()).isEqualTo(keys.get(0).getId());

      new MasterKeys(present, List.of(old)).rewrap(read);
      DataKeys.update(connection, read.get(0));

      List<DataKey> again = DataKeys.load(connection);
      assertThat(again.get(0).opensWith(present)).isTrue();
      assertThat(again.get(1).opensWith(old)).isTrue();
    }
  }

  @Test
  void anEmptyDatabaseHasNoDataKeys() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      assertThat(DataKeys.load(connection)).isEmpty();
    }
  }

  @Test
  void theKeyFileOfTheDevProfileIsMadeOnceForItsOwner(@TempDir Path root) throws IOException {
    try (DataFolder folder = DataFolder.lock(root).orElseThrow()) {
      assertThatThrownBy(() -> DevKeyFile.readOrCreate(folder, true))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("MIMIR_ENCRYPTION_KEY");

      MasterKey made = DevKeyFile.readOrCreate(folder, false);

      Path file = folder.file(DevKeyFile.NAME);
      assertThat(DataFolder.isReadableByOthers(file)).isFalse();
      assertThat(DevKeyFile.readOrCreate(folder, true).id()).isEqualTo(made.id());
      String text = Files.readString(file);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
      assertThatThrownBy(() -> DevKeyFile.readOrCreate(folder, true))
          .hasMessageContaining("chmod 600");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      Files.writeString(file, text.strip().substring(1));
      assertThatThrownBy(() -> DevKeyFile.readOrCreate(folder, true))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be used")
          .hasMessageNotContaining(text.strip().substring(1));
    }
  }
}
