package io.mimir.backup.service;

import io.mimir.backup.BackupManifest.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The large values of runs, which are files in the data folder, named by their hash.
 *
 * <p>A value's file is on the disk before the row that names it is, it is never changed, and it
 * goes with its run. So the database is copied first: what that copy names was there then. Links
 * keep it there for as long as the backup is written, at the cost of no room; many more files than
 * a process may hold open can be kept so.
 */
final class RunFiles implements AutoCloseable {

  /** In the data folder and in the archive. */
  static final String FOLDER = "runs";

  /** What names in the archive begin with. */
  static final String PREFIX = FOLDER + "/";

  /** Run and hash, of which none leads out of the folder. */
  static final Pattern NAME = Pattern.compile("runs/[A-Za-z0-9_-]{1,64}/[0-9a-f]{64}");

  private static final String TABLES =
      "select count(*) from sqlite_master where type = 'table' and name in ('runs', 'run_events')";

  /** What the members of rows that hold values are called, and where they may name a file. */
  private static final String NAMED =
      named("id", "runs", "input", "$.file")
          + " union "
          + named("id", "runs", "output", "$.file")
          + " union "
          + named("run_id", "run_events", "data", "$.input.file")
          + " union "
          + named("run_id", "run_events", "data", "$.result.file");

  private final Path folder;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  private RunFiles(Path folder) {
    this.folder = folder;
  }

  /** Most rows name none: they are told by a look that is cheaper than to read their JSON. */
  private static String named(String run, String table, String column, String path) {
    return "select %s, json_extract(%s, '%s') from %s where instr(%s, '\"file\"') > 0 and json_valid(%s) and json_type(%s, '%s') = 'text'"
        .formatted(run, column, path, table, column, column, column, path);
  }

  /** The files that a database names, as they are called in the archive. */
  static SortedSet<String> named(Statement sql) throws SQLException {
    SortedSet<String> names = new TreeSet<>();
    try (ResultSet tables = sql.executeQuery(TABLES)) {
      if (tables.getInt(1) < 2) {
        // One of before there were pipelines.
        return names;
      }
    }
    try (ResultSet rows = sql.executeQuery(NAMED)) {
      while (rows.next()) {
        names.add(PREFIX + rows.getString(1) + '/' + rows.getString(2));
      }
    }
    return names;
  }

  /**
   * Keeps files until it is closed.
   *
   * @param data the folder in which {@link #FOLDER} is
   * @param scratch where the links are made
   * @param names of {@link #named}
   */
  static RunFiles keep(Path data, Path scratch, SortedSet<String> names) throws IOException {
    RunFiles files =
        new RunFiles(
            names.isEmpty() ? null : Files.createTempDirectory(scratch, Backup.SCRATCH + FOLDER));
    boolean kept = false;
    try {
      // All are linked before the first one is read: a run may be deleted at any time.
      List<String> linked = new ArrayList<>();
      for (String name : names) {
        (files.link(data, name) ? linked : files.missing).add(name);
      }
      for (String name : linked) {
        files.take(name);
      }
      kept = true;
      return files;
    } finally {
      if (!kept) {
        files.close();
      }
    }
  }

  private boolean link(Path data, String name) throws IOException {
    Path file = data.resolve(name);
    if (!NAME.matcher(name).matches() || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      Files.createLink(kept(name), file);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (UnsupportedOperationException | IOException e) {
      return copied(file, name);
    }
  }

  /** Where the file system knows no links. */
  private boolean copied(Path file, String name) throws IOException {
    try {
      Files.copy(file, kept(name), LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private Path kept(String name) {
    return folder.resolve(name.substring(PREFIX.length()).replace('/', '.'));
  }

  /** One that is not what its name says is of no use to anybody. */
  private void take(String name) throws IOException {
    try (InputStream in = Files.newInputStream(kept(name))) {
      Hashes.Passed passed = Hashes.of(in);
      if (name.endsWith('/' + passed.sha256())) {
        entries.add(new Entry(name, passed.size(), passed.sha256()));
      } else {
        missing.add(name);
      }
    }
  }

  /** What is kept. */
  List<Entry> entries() {
    return entries;
  }

  /** What is named and is not there, or is something else. */
  List<String> missing() {
    return missing;
  }

  InputStream open(Entry entry) throws IOException {
    return Files.newInputStream(kept(entry.name()));
  }

  @Override
  public void close() throws IOException {
    if (folder != null) {
      remove(folder);
    }
  }

  /** Removes a file, or a folder with all that is in it. */
  static void remove(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
        for (Path one : all) {
          remove(one);
        }
      }
    }
    Files.deleteIfExists(path);
  }
}
