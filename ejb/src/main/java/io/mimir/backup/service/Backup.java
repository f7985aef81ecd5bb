package io.mimir.backup.service;

import io.mimir.backup.BackupManifest;
import io.mimir.backup.BackupManifest.Entry;
import io.mimir.security.DataKey;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.DataKeys;
import io.mimir.storage.service.Database;
import io.mimir.storage.service.SchemaMigration;
import io.mimir.storage.service.SchemaMigration.Numbers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A copy of the database, of one moment, and of the files that it names: those of plugins, and the
 * large values of runs. SQLite makes the copy itself ({@code VACUUM INTO}), while others write:
 * what is in the write-ahead log is in it, and what was deleted is not. Secrets stay as they are
 * sealed; the master key is not in it.
 *
 * <p>The file is a ZIP archive: {@code manifest.json}, {@code manifest.mac} (HMAC-SHA-256 of the
 * manifest's hash, by the data key for such hashes), {@code mimir.db}, and the files of {@code
 * plugins/} and {@code runs/}; see {@link ChecksummedZip} for its end.
 */
public final class Backup implements AutoCloseable {

  static final String MANIFEST = "manifest.json";
  static final String SIGNATURE = "manifest.mac";
  static final String DATABASE = "mimir.db";
  static final String PLUGINS = "plugins/";

  /** What the name of a copy in the data folder begins with: a killed server leaves it there. */
  static final String SCRATCH = ".backup-";

  /** What is left free on the disk beside the copy. */
  private static final long ROOM = 16L * 1024 * 1024;

  /** A plugin may be replaced, or a run deleted, between the copy and the look at its files. */
  private static final int ATTEMPTS = 3;

  private final Path copy;
  private final List<OpenPlugin> plugins = new ArrayList<>();
  private RunFiles runs;
  private BackupManifest manifest;
  private byte[] signature;

  private Backup(Path copy) {
    this.copy = copy;
  }

  /** A plugin's file that is the one that the database knows, kept open. */
  private record OpenPlugin(Entry entry, FileChannel channel) {}

  /**
   * What is copied.
   *
   * @param database the SQLite file
   * @param plugins the folder of plugin files
   * @param data the data folder: the files of runs are in it, and the copy is made there
   */
  public record Source(Path database, Path plugins, Path data) {}

  /**
   * Makes the copy. The caller closes it, and the copy is gone then.
   *
   * @param vault signs it
   * @throws BackupException when there is no room, or a file or the database cannot be read
   */
  public static Backup take(Source source, Vault vault) throws BackupException {
    try {
      for (int attempt = 1; ; attempt++) {
        Backup backup = new Backup(Files.createTempFile(source.data(), SCRATCH, ".db"));
        if (backup.fill(source, vault, attempt == ATTEMPTS)) {
          return backup;
        }
      }
    } catch (IOException e) {
      throw new BackupException("The backup cannot be written to " + source.data(), e);
    }
  }

  /** Tells whether it is whole; false, and closed, when files have changed meanwhile. */
  private boolean fill(Source source, Vault vault, boolean last)
      throws BackupException, IOException {
    boolean filled = false;
    try {
      checkRoom(source);
      Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      copyDatabase(source.database());
      try (Connection connection = Database.dataSource(copy).getConnection();
          Statement sql = connection.createStatement()) {
        List<String> missing = openPlugins(source, sql);
        runs = RunFiles.keep(source.data(), source.data(), RunFiles.named(sql));
        missing.addAll(runs.missing());
        if (!missing.isEmpty() && !last && haveChanged(source, missing)) {
          return false;
        }
        Numbers numbers = SchemaMigration.numbers(sql);
        manifest =
            new BackupManifest(
                BackupManifest.FORMAT,
                now,
                numbers.schema(),
                numbers.readableFrom(),
                masterKeyId(connection),
                rows(sql),
                entries(),
                missing);
      }
      byte[] written = ManifestJson.write(manifest);
      if (written.length > BackupFile.MAX_MANIFEST_BYTES) {
        throw new BackupException(
            "Runs keep %,d large values, more than a backup can name: have old ones removed by MIMIR_RUN_RETENTION_DAYS"
                .formatted(runs.entries().size()));
      }
      signature = signature(written, vault);
      filled = true;
      return true;
    } catch (SQLException e) {
      throw new BackupException("The database cannot be copied: " + Database.reason(e), e);
    } finally {
      if (!filled) {
        close();
      }
    }
  }

  private static void checkRoom(Source source) throws IOException, BackupException {
    Path log = source.database().resolveSibling(source.database().getFileName() + "-wal");
    long needed = Files.size(source.database()) + (Files.exists(log) ? Files.size(log) : 0) + ROOM;
    long left = Files.getFileStore(source.data()).getUsableSpace();
    if (left < needed) {
      throw new BackupException(
          "A backup needs %d MiB on the disk of %s for as long as it is made, and %d MiB are left: make room"
              .formatted(needed >> 20, source.data(), left >> 20));
    }
  }

  private void copyDatabase(Path database) throws SQLException {
    try (Connection connection = Database.dataSource(database).getConnection();
        PreparedStatement vacuum = connection.prepareStatement("vacuum into ?")) {
      vacuum.setString(1, copy.toString());
      vacuum.execute();
    }
  }

  /** Keeps the files open: what is deleted from now on can still be read. */
  private List<String> openPlugins(Source source, Statement sql) throws SQLException {
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, String> plugin : pluginFiles(sql).entrySet()) {
      try {
        if (!open(source.plugins(), plugin.getKey(), plugin.getValue())) {
          missing.add(plugin.getKey());
        }
      } catch (IOException e) {
        missing.add(plugin.getKey());
      }
    }
    return missing;
  }

  private boolean open(Path folder, String name, String sha256) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(name), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    boolean known = false;
    try {
      Hashes.Passed passed = Hashes.of(Channels.newInputStream(channel));
      known = passed.sha256().equals(sha256);
      if (known) {
        plugins.add(new OpenPlugin(new Entry(PLUGINS + name, passed.size(), sha256), channel));
      }
      return known;
    } finally {
      if (!known) {
        channel.close();
      }
    }
  }

  /**
   * Name of the file in the plugin folder, and its hash as the database knows it; those of versions
   * that wait for trust as well, which a database of an older schema has not.
   */
  private static Map<String, String> pluginFiles(Statement sql) throws SQLException {
    Map<String, String> files = new TreeMap<>();
    put(sql, "select file_path, sha256 from plugins where sha256 is not null", files);
    boolean waiting;
    try (ResultSet columns =
        sql.executeQuery("select 1 from pragma_table_info('plugins') where name = 'next_sha256'")) {
      waiting = columns.next();
    }
    if (waiting) {
      String next = "select next_file_path, next_sha256 from plugins where next_sha256 is not null";
      put(sql, next, files);
    }
    return files;
  }

  private static void put(Statement sql, String query, Map<String, String> files)
      throws SQLException {
    try (ResultSet rows = sql.executeQuery(query)) {
      while (rows.next()) {
        files.put(rows.getString(1), rows.getString(2));
      }
    }
  }

  private static boolean haveChanged(Source source, List<String> missing) throws SQLException {
    try (Connection connection = Database.dataSource(source.database()).getConnection();
        Statement sql = connection.createStatement()) {
      Set<String> named = RunFiles.named(sql);
      named.addAll(pluginFiles(sql).keySet());
      return !named.containsAll(missing);
    }
  }

  private static String masterKeyId(Connection connection) throws SQLException {
    List<DataKey> keys = DataKeys.load(connection);
    return keys.isEmpty() ? "" : keys.get(0).masterKeyId();
  }

  private static Map<String, Long> rows(Statement sql) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (ResultSet names =
        sql.executeQuery(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'DATABASECHANGELOG%'")) {
      while (names.next()) {
        tables.add(names.getString(1));
      }
    }
    Map<String, Long> rows = new TreeMap<>();
    for (String table : tables) {
      try (ResultSet count = sql.executeQuery("select count(*) from \"" + table + '"')) {
        rows.put(table, count.getLong(1));
      }
    }
    return rows;
  }

  private List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (InputStream in = Files.newInputStream(copy)) {
      Hashes.Passed passed = Hashes.of(in);
      entries.add(new Entry(DATABASE, passed.size(), passed.sha256()));
    }
    plugins.forEach(plugin -> entries.add(plugin.entry()));
    entries.addAll(runs.entries());
    return entries;
  }

  static byte[] signature(byte[] manifest, Vault vault) {
    try (Secret hash = Secret.of(HexFormat.of().formatHex(Hashes.sha256().digest(manifest)))) {
      return HexFormat.of()
          .formatHex(vault.mac("backup", hash))
          .getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** Returns what it holds. */
  public BackupManifest manifest() {
    return manifest;
  }

  /**
   * Writes the file. The stream is flushed and left open.
   *
   * @throws IOException when a part cannot be read or written; what is written until then is
   *     recognised as no backup
   */
  public void writeTo(OutputStream out) throws IOException {
    ChecksummedZip.Output checked = new ChecksummedZip.Output(out);
    ZipOutputStream zip = new ZipOutputStream(checked, StandardCharsets.UTF_8);
    // What is sealed does not become smaller, however long one tries.
    zip.setLevel(Deflater.BEST_SPEED);
    write(zip, MANIFEST, new ByteArrayInputStream(ManifestJson.write(manifest)));
    write(zip, SIGNATURE, new ByteArrayInputStream(signature));
    try (InputStream in = Files.newInputStream(copy)) {
      write(zip, DATABASE, in);
    }
    for (OpenPlugin plugin : plugins) {
      plugin.channel().position(0);
      write(zip, plugin.entry().name(), Channels.newInputStream(plugin.channel()));
    }
    for (Entry entry : runs.entries()) {
      try (InputStream in = runs.open(entry)) {
        write(zip, entry.name(), in);
      }
    }
    zip.finish();
    checked.finish();
  }

  private void write(ZipOutputStream zip, String name, InputStream content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTime(manifest.createdAt().toEpochMilli());
    zip.putNextEntry(entry);
    content.transferTo(zip);
    zip.closeEntry();
  }

  /** Removes the copy of the database and the links to the files of runs. */
  @Override
  public void close() {
    try {
      for (OpenPlugin plugin : plugins) {
        plugin.channel().close();
      }
      if (runs != null) {
        runs.close();
      }
      Files.deleteIfExists(copy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
