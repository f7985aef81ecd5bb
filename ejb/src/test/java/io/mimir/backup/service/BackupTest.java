package io.mimir.backup.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.service.AuditChain;
import io.mimir.audit.service.HeadFile;
import io.mimir.audit.service.Verification;
import io.mimir.security.DataKey;
import io.mimir.security.MasterKey;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.DataKeys;
import io.mimir.security.service.MasterKeys;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.Database;
import io.mimir.storage.service.SchemaMigration;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is backed up is what is restored, or nothing is (T37). */
class BackupTest {

  private static final String PLUGIN = "word-count-0123456789abcdef.so";

  @TempDir static Path templates;

  @TempDir Path temp;

  private final MasterKey master = key();
  private Vault vault;
  private Path from;
  private Path to;
  private Connection open;

  private static MasterKey key() {
    try (Secret text = MasterKey.generate()) {
      return MasterKey.parse(text);
    }
  }

  private static MasterKeys only(MasterKey key) {
    return new MasterKeys(key, List.of());
  }

  /** Bringing a schema up takes longer than each of these tests. */
  @BeforeAll
  static void bringUp() throws Exception {
    try (Connection fresh = Database.dataSource(templates.resolve("mimir.db")).getConnection()) {
      SchemaMigration.run(fresh);
    }
  }

  @BeforeEach
  void fill() throws Exception {
    from = Files.createDirectories(temp.resolve("from"));
    to = Files.createDirectories(temp.resolve("to"));
    // It stays open, so that the rows stay in the write-ahead log.
    Files.copy(templates.resolve("mimir.db"), from.resolve("mimir.db"));
    open = Database.dataSource(from.resolve("mimir.db")).getConnection();
    DataKey seal = DataKey.create(DataKey.SEAL, master, Instant.now());
    DataKey mac = DataKey.create(DataKey.MAC, master, Instant.now());
    DataKeys.insert(open, seal);
    DataKeys.insert(open, mac);
    vault = new Vault(master, List.of(seal, mac));
    Files.createDirectories(from.resolve("plugins"));
    addPlugin(PLUGIN, "the first");
    mark("kept");
  }

  @AfterEach
  void close() throws SQLException {
    open.close();
  }

  private void addPlugin(String name, String content) throws Exception {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    Files.write(from.resolve("plugins").resolve(name), bytes);
    sql(
        "insert into plugins (id, name, type, version, file_path, sha256, created_by, updated_by, created_at, updated_at) values ('p%s', '%s', 'processor', '1', '%s', '%s', 'x', 'x', '2026-01-01', '2026-01-01')"
            .formatted(name, name, name, HexFormat.of().formatHex(Hashes.sha256().digest(bytes))));
  }

  private void sql(String statement) throws SQLException {
    try (Statement sql = open.createStatement()) {
      sql.executeUpdate(statement);
    }
  }

  private void mark(String word) throws SQLException {
    sql(
        "insert into audit_events (id, at, actor, action, outcome) values ('evt_%s', '2026-01-01', '%s', 'test', 'success')"
            .formatted(word, word));
  }

  private Backup.Source source() {
    return new Backup.Source(from.resolve("mimir.db"), from.resolve("plugins"), from);
  }

  private Path backup() throws Exception {
    Path file = temp.resolve("a.backup");
    try (Backup backup = Backup.take(source(), vault);
        OutputStream out = Files.newOutputStream(file)) {
      backup.writeTo(out);
    }
    assertThat(list(from).keySet()).noneMatch(name -> name.startsWith(Backup.SCRATCH));
    return file;
  }

  private Restore.Done restore(Path file, MasterKeys keys, boolean replace) throws Exception {
    try (BackupFile backup = BackupFile.open(file);
        DataFolder folder = DataFolder.lock(to).orElseThrow()) {
      return new Restore(backup, keys)
          .run(folder, to.resolve("mimir.db"), to.resolve("plugins"), replace);
    }
  }

  private static List<String> marks(Path database) throws SQLException {
    try (Connection connection = Database.dataSource(database).getConnection();
        Statement sql = connection.createStatement();
        ResultSet rows =
            sql.executeQuery(
                "select actor from audit_events where action = 'test' order by actor")) {
      java.util.ArrayList<String> words = new java.util.ArrayList<>();
      while (rows.next()) {
        words.add(rows.getString(1));
      }
      return words;
    }
  }

  /** Each file below a folder, and what is in it. */
  private static Map<String, String> list(Path folder) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(
            folder.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return all;
  }

  @Test
  void aVersionThatWaitsForTrustIsRestoredToo() throws Exception {
    byte[] bytes = "the next".getBytes(StandardCharsets.UTF_8);
    Files.write(from.resolve("plugins").resolve("next.so"), bytes);
    sql(
        "update plugins set next_version = '2', next_file_path = 'next.so', next_manifest = '{}',"
            + " next_sha256 = '%s'"
                .formatted(HexFormat.of().formatHex(Hashes.sha256().digest(bytes))));

    restore(backup(), only(master), false);

    assertThat(to.resolve("plugins").resolve(PLUGIN)).hasContent("the first");
    assertThat(to.resolve("plugins").resolve("next.so")).hasContent("the next");
  }

  @Test
  void whatWasWrittenUntilThenIsRestoredElsewhere() throws Exception {
    assertThat(Files.size(from.resolve("mimir.db-wal"))).isPositive();
    Path file = backup();
    mark("later");
    Restore.Done done = restore(file, only(master), false);
    assertThat(marks(to.resolve("mimir.db"))).containsExactly("kept");
    assertThat(to.resolve("plugins").resolve(PLUGIN)).hasContent("the first");
    assertThat(done.aside()).isEmpty();
    assertThat(done.manifest().rows())
        .containsEntry("audit_events", 1L)
        .containsEntry("plugins", 1L);
    assertThat(done.manifest().masterKeyId()).isEqualTo(master.id());
    assertThat(list(to).keySet())
        .containsExactlyInAnyOrder("mimir.db", "mimir.lock", "plugins/" + PLUGIN);
    Database.inspect(to.resolve("mimir.db"));
  }

  @Test
  void theAuditLogOfWhatIsRestoredSaysSo() throws Exception {
    Restore.Done done = restore(backup(), only(master), false);

    Path database = to.resolve("mimir.db");
    try (Connection connection = Database.dataSource(database).getConnection()) {
      Verification found =
          AuditChain.verify(
              connection,
              only(master).chainKeys(DataKeys.load(connection)),
              to.resolve(HeadFile.NAME),
              List.of());
      assertThat(found.findings()).isEmpty();
      assertThat(found.eventsBefore()).isEqualTo(1);
      assertThat(found.restores()).hasSize(1);
      assertThat(found.restores().get(0).actor()).isEqualTo("operator");
      assertThat(found.restores().get(0).backupAt())
          .isEqualTo(done.manifest().createdAt().toString());
    }
  }

  @Test
  void everyToolThatKnowsZipReadsIt() throws Exception {
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(backup()))) {
      assertThat(Stream.generate(() -> next(zip)).limit(4).toList())
          .containsExactly("manifest.json", "manifest.mac", "mimir.db", "plugins/" + PLUGIN);
      assertThat(zip.getNextEntry()).isNull();
    }
  }

  private static String next(ZipInputStream zip) {
    try {
      return zip.getNextEntry().getName();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatWasDeletedIsNotInIt() throws Exception {
    String words = "a sentence that somebody took back, long enough to find again";
    mark(words);
    sql("drop trigger if exists audit_events_no_delete");
    sql("delete from audit_events where actor = '" + words + "'");
    restore(backup(), only(master), false);
    assertThat(Files.readString(to.resolve("mimir.db"), StandardCharsets.ISO_8859_1))
        .contains("kept")
        .doesNotContain(words);
  }

  @Test
  void oneBitThatIsOtherIsRefused() throws Exception {
    Path file = backup();
    byte[] bytes = Files.readAllBytes(file);
    Random random = new Random(17);
    Path damaged = temp.resolve("damaged");
    for (int i = 0; i < 600; i++) {
      // Each of the end, where the structure of the archive is, and some of the rest.
      int at = i < 400 ? bytes.length - 1 - i : random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << (i % 8));
      Files.write(damaged, bytes);
      bytes[at] ^= (byte) (1 << (i % 8));
      assertThatThrownBy(() -> BackupFile.open(damaged))
          .as("byte %d", at)
          .isInstanceOf(BackupException.class);
    }
    Files.write(damaged, bytes);
    BackupFile.open(damaged).close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 72, 73, 74, 1000, -1, -2, -72, -73, -74, -1000})
  void aPartOfItIsRefused(int length) throws Exception {
    byte[] bytes = Files.readAllBytes(backup());
    Path part = temp.resolve("part");
    Files.write(part, Arrays.copyOf(bytes, length < 0 ? bytes.length + length : length));
    assertThatThrownBy(() -> restore(part, only(master), false))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("is no backup of Mimir, or its end is missing");
    assertThat(list(to)).isEmpty();
  }

  @Test
  void whatIsAddedToItIsSeen() throws Exception {
    Path file = backup();
    Files.write(
        file, "more".getBytes(StandardCharsets.UTF_8), java.nio.file.StandardOpenOption.APPEND);
    assertThatThrownBy(() -> BackupFile.open(file)).isInstanceOf(BackupException.class);
  }

  /** Writes the archive anew, its checksum too, with other entries. */
  private static void forge(Path file, UnaryOperator<Map<String, byte[]>> change)
      throws IOException {
    Map<String, byte[]> entries = new java.util.LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ChecksummedZip.Output checked = new ChecksummedZip.Output(bytes);
    ZipOutputStream zip = new ZipOutputStream(checked);
    for (Map.Entry<String, byte[]> entry : change.apply(entries).entrySet()) {
      zip.putNextEntry(new ZipEntry(entry.getKey()));
      new ByteArrayInputStream(entry.getValue()).transferTo(zip);
      zip.closeEntry();
    }
    zip.finish();
    checked.finish();
    Files.write(file, bytes.toByteArray());
  }

  private static Map<String, byte[]> replaced(
      Map<String, byte[]> entries, String name, String old, String fresh) {
    String text = new String(entries.get(name), StandardCharsets.ISO_8859_1);
    assertThat(text).contains(old);
    entries.put(name, text.replace(old, fresh).getBytes(StandardCharsets.ISO_8859_1));
    return entries;
  }

  @Test
  void whoeverHasNoMasterKeyCannotChangeIt() throws Exception {
    Path file = backup();
    forge(
        file,
        entries -> {
          byte[] before = entries.get("mimir.db");
          replaced(entries, "mimir.db", "kept", "evil");
          return replaced(
              entries,
              "manifest.json",
              HexFormat.of().formatHex(Hashes.sha256().digest(before)),
              HexFormat.of().formatHex(Hashes.sha256().digest(entries.get("mimir.db"))));
        });
    BackupFile.open(file).close();
    assertThatThrownBy(() -> restore(file, only(master), false))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("by somebody without the master key");
    assertThat(list(to).keySet()).containsExactly("mimir.lock");
  }

  @Test
  void noNameInItLeadsOutOfTheFolder() throws Exception {
    for (String name : List.of("plugins/../../evil.so", "plugins/.hidden.so", "plugins/a/b.so")) {
      Path file = backup();
      forge(
          file,
          entries -> {
            replaced(entries, "manifest.json", "plugins/" + PLUGIN, name);
            entries.put(name, entries.remove("plugins/" + PLUGIN));
            return entries;
          });
      assertThatThrownBy(() -> BackupFile.open(file))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("it has an entry " + name);
    }
  }

  @Test
  void anotherMasterKeyIsRefusedAndNothingIsChanged() throws Exception {
    Path file = backup();
    MasterKey other = key();
    assertThatThrownBy(() -> restore(file, only(other), false))
        .isInstanceOf(BackupException.class)
        .hasMessageContainingAll(master.id(), other.id());
    assertThat(list(to).keySet()).containsExactly("mimir.lock");
  }

  @Test
  void aMasterKeyOfBeforeOpensIt() throws Exception {
    restore(backup(), new MasterKeys(key(), List.of(master)), false);
    assertThat(marks(to.resolve("mimir.db"))).containsExactly("kept");
  }

  @Test
  void aDatabaseThatIsThereStaysUnlessItIsToBeReplaced() throws Exception {
    Path file = backup();
    mark("the other one");
    open.close();
    Files.copy(from.resolve("mimir.db"), to.resolve("mimir.db"));
    Map<String, String> before = list(to);
    assertThatThrownBy(() -> restore(file, only(master), false))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("--replace");
    Map<String, String> after = list(to);
    after.remove("mimir.lock");
    assertThat(after).isEqualTo(before);
  }

  @Test
  void whatWasThereIsMovedAsideWithItsLog() throws Exception {
    Path file = backup();
    mark("of the old one, in its log");
    for (String end : List.of("", "-wal", "-shm")) {
      Files.copy(from.resolve("mimir.db" + end), to.resolve("mimir.db" + end));
    }
    Files.createDirectories(to.resolve("plugins"));
    Files.writeString(to.resolve("plugins/old-0123456789abcdef.so"), "old");
    Restore.Done done = restore(file, only(master), true);
    assertThat(marks(to.resolve("mimir.db"))).containsExactly("kept");
    assertThat(marks(done.aside().orElseThrow()))
        .containsExactly("kept", "of the old one, in its log");
    assertThat(list(to.resolve("plugins")).keySet())
        .hasSize(2)
        .contains(PLUGIN)
        .anyMatch(name -> name.matches("\\.before-.*/old-0123456789abcdef.so"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void whatIsKilledInTheMiddleIsFinishedByTheNext(int steps) throws Exception {
    mark("old");
    Path database = to.resolve("mimir.db");
    for (String end : List.of("", "-wal", "-shm")) {
      Files.copy(from.resolve("mimir.db" + end), to.resolve("mimir.db" + end));
    }
    Path plugins = Files.createDirectories(to.resolve("plugins"));
    PendingRestore pending =
        new PendingRestore(
            database, plugins, to.resolve("runs"), java.util.Set.of(PLUGIN), ".before-x");
    write(to.resolve("runs/run_old/value"), "old");
    write(pending.readyRuns().resolve("run_new/value"), "new");
    Files.createDirectory(pending.readyPlugins());
    Files.writeString(pending.readyPlugins().resolve(PLUGIN), "the first");
    Files.copy(templates.resolve("mimir.db"), pending.readyDatabase());
    List<Step> all =
        List.of(
            () -> move(pending.readyPlugins().resolve(PLUGIN), plugins.resolve(PLUGIN)),
            () -> Files.delete(pending.readyPlugins()),
            () -> move(to.resolve("runs"), pending.runsAside()),
            () -> move(pending.readyRuns(), to.resolve("runs")),
            () -> move(to.resolve("mimir.db-wal"), to.resolve("mimir.db.before-x-wal")),
            () -> move(database, pending.databaseAside()),
            () -> move(pending.readyDatabase(), database));
    try (DataFolder folder = DataFolder.lock(to).orElseThrow()) {
      pending.commit(folder);
      for (Step step : all.subList(0, steps)) {
        step.take();
      }
      Restore.finish(folder);
      Restore.finish(folder);
    }
    assertThat(marks(database)).isEmpty();
    assertThat(marks(pending.databaseAside())).containsExactly("kept", "old");
    assertThat(plugins.resolve(PLUGIN)).hasContent("the first");
    assertThat(to.resolve("runs/run_new/value")).hasContent("new");
    assertThat(to.resolve("runs.before-x/run_old/value")).hasContent("old");
    assertThat(to.resolve("runs/run_old")).doesNotExist();
    assertThat(to.resolve("restore.json")).doesNotExist();
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** A run whose input, event and output are in files, named as the journal names them. */
  private String addRun(String id, String input, String event, String output) throws Exception {
    sql(
        "insert into runs (id, pipeline_id, pipeline_name, revision, status, trigger_kind, seq, epoch, input, output, input_tokens, output_tokens, bytes, queued_at) values ('%s', 'p', 'p', 1, 'succeeded', 'api', 1, 1, '%s', '%s', 0, 0, 0, 0)"
            .formatted(id, keep(id, input), keep(id, output)));
    sql(
        "insert into run_events (run_id, seq, at, kind, attempt, data) values ('%s', 1, 0, 'finished', 1, '{\"result\":%s}')"
            .formatted(id, keep(id, event)));
    return "runs/%s/%s".formatted(id, hash(event));
  }

  private static String hash(String text) {
    return HexFormat.of().formatHex(Hashes.sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private String keep(String run, String text) throws IOException {
    write(from.resolve("runs").resolve(run).resolve(hash(text)), text);
    return "{\"file\":\"%s\",\"bytes\":%d}".formatted(hash(text), text.length());
  }

  @Test
  void whatRunsKeepInFilesIsRestoredAndNothingElseOfTheirFolder() throws Exception {
    addRun("run_1", "the input", "the event", "the output");
    write(from.resolve("runs/run_1/.1234.part"), "unfinished");
    write(from.resolve("runs/run_2/" + hash("left")), "left");
    sql(
        "insert into run_events (run_id, seq, at, kind, attempt, data) values ('run_1', 2, 0, 'finished', 1, '{\"result\":{\"value\":{\"file\":\"a word of the user\"}}}')");
    write(to.resolve("runs/run_0/" + hash("old")), "old");

    Restore.Done done = restore(backup(), only(master), false);

    assertThat(done.manifest().missing()).isEmpty();
    assertThat(list(to.resolve("runs")).keySet())
        .containsExactlyInAnyOrder(
            "run_1/" + hash("the input"),
            "run_1/" + hash("the event"),
            "run_1/" + hash("the output"));
    assertThat(to.resolve("runs/run_1/" + hash("the event"))).hasContent("the event");
    assertThat(list(to).keySet())
        .anyMatch(name -> name.matches("runs\\.before-.*/run_0/" + hash("old")));
  }

  @Test
  void aRunThatIsDeletedWhileTheBackupIsWrittenIsInIt() throws Exception {
    String event = addRun("run_1", "the input", "the event", "the output");
    Path file = temp.resolve("a.backup");
    try (Backup backup = Backup.take(source(), vault);
        OutputStream out = Files.newOutputStream(file)) {
      RunFiles.remove(from.resolve("runs"));
      backup.writeTo(out);
    }
    restore(file, only(master), false);
    assertThat(to.resolve(event)).hasContent("the event");
    assertThat(list(from).keySet()).noneMatch(name -> name.startsWith(Backup.SCRATCH));
  }

  @Test
  void aValueThatIsGoneOrOtherIsNamedAndTheRestIsKept() throws Exception {
    String gone = addRun("run_1", "the input", "gone", "the output");
    String other = addRun("run_2", "the input", "other", "the output");
    Files.delete(from.resolve(gone));
    Files.writeString(from.resolve(other), "changed");
    Restore.Done done = restore(backup(), only(master), false);
    assertThat(done.manifest().missing()).containsExactly(gone, other);
    assertThat(to.resolve("runs/run_2/" + hash("the output"))).hasContent("the output");
  }

  private interface Step {
    void take() throws IOException;
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void aPluginThatIsGoneOrOtherIsNamedAndTheRestIsKept() throws Exception {
    addPlugin("gone-0123456789abcdef.so", "gone");
    addPlugin("other-0123456789abcdef.so", "other");
    Files.delete(from.resolve("plugins/gone-0123456789abcdef.so"));
    Files.writeString(from.resolve("plugins/other-0123456789abcdef.so"), "changed");
    Restore.Done done = restore(backup(), only(master), false);
    assertThat(done.manifest().missing())
        .containsExactly("gone-0123456789abcdef.so", "other-0123456789abcdef.so");
    assertThat(to.resolve("plugins").resolve(PLUGIN)).hasContent("the first");
  }

  @Test
  void aFileThatIsNoneIsToldSo() throws IOException {
    Path file = Files.writeString(temp.resolve("letter.txt"), "Dear operator, ".repeat(100));
    assertThatThrownBy(() -> BackupFile.open(file)).hasMessageContaining("is no backup of Mimir");
    assertThatThrownBy(() -> BackupFile.open(temp.resolve("nowhere")))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("There is no file");
    assertThatThrownBy(() -> BackupFile.open(temp)).isInstanceOf(BackupException.class);
  }
}
