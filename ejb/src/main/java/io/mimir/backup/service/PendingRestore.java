package io.mimir.backup.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.storage.service.DataFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The last part of a restore: files that are ready take the places of those that are there, which
 * are moved aside. It is written down first ({@code restore.json} in the data folder), and each
 * step finds out whether it was done: a process that is killed in the middle of it leaves the rest
 * to the next one.
 *
 * @param database where the database belongs
 * @param plugins where plugin files belong
 * @param runs where the large values of runs belong: a folder that changes places as a whole
 * @param names of the plugin files of the backup
 * @param suffix of what is moved aside
 */
record PendingRestore(Path database, Path plugins, Path runs, Set<String> names, String suffix) {

  private static final String FILE = "restore.json";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final Pattern LIBRARY = Pattern.compile("(?i).*\\.(so|dll)");

  /** What SQLite has beside a database; the log of one must never meet another. */
  private static final List<String> BESIDE = List.of("-wal", "-shm", "-journal");

  /** Where the database is made ready: on the same disk. */
  Path readyDatabase() {
    return sibling(".restore");
  }

  /** Where plugin files are made ready. */
  Path readyPlugins() {
    return plugins.resolve(".restore");
  }

  /** Where values of runs are made ready. */
  Path readyRuns() {
    return runs.resolveSibling(runs.getFileName() + ".restore");
  }

  /** Where the values go that belong to the database that was there. */
  Path runsAside() {
    return runs.resolveSibling(runs.getFileName() + suffix);
  }

  private Path sibling(String end) {
    return database.resolveSibling(database.getFileName() + end);
  }

  /** Where the database that was there goes. */
  Path databaseAside() {
    return sibling(suffix);
  }

  /** Where plugin files go that the backup does not have. */
  Path pluginsAside() {
    return plugins.resolve(suffix);
  }

  /** From here on the restore happens, whoever does it. */
  void commit(DataFolder folder) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("database", database.toString());
    json.put("plugins", plugins.toString());
    json.put("suffix", suffix);
    json.set("names", JSON.valueToTree(names));
    folder.writePrivately(FILE, json.toString());
    sync(folder.file(FILE));
    sync(folder.file(FILE).getParent());
  }

  /**
   * Finishes a restore that a process has begun and not ended; does nothing when there is none.
   *
   * @throws IOException when a file cannot be moved: the next one goes on there
   */
  static void finish(DataFolder folder) throws IOException {
    Path file = folder.file(FILE);
    if (Files.exists(file)) {
      JsonNode json = JSON.readTree(file.toFile());
      Set<String> names = new HashSet<>();
      json.path("names").forEach(name -> names.add(name.asText()));
      new PendingRestore(
              Path.of(json.path("database").asText()),
              Path.of(json.path("plugins").asText()),
              folder.file(RunFiles.FOLDER),
              names,
              json.path("suffix").asText())
          .apply();
      Files.delete(file);
    }
  }

  private void apply() throws IOException {
    if (Files.exists(readyPlugins())) {
      for (Path old : files(plugins)) {
        String name = old.getFileName().toString();
        if (LIBRARY.matcher(name).matches() && !names.contains(name)) {
          Files.createDirectories(pluginsAside());
          move(old, pluginsAside().resolve(old.getFileName()));
        }
      }
      for (Path ready : files(readyPlugins())) {
        move(ready, plugins.resolve(ready.getFileName()));
      }
      sync(plugins);
      Files.delete(readyPlugins());
    }
    if (Files.exists(readyRuns())) {
      if (Files.exists(runs)) {
        move(runs, runsAside());
      }
      move(readyRuns(), runs);
      sync(runs.getParent());
    }
    if (Files.exists(readyDatabase())) {
      // As long as the new one waits, whatever is in its place is the old one's.
      for (String end : BESIDE) {
        if (Files.exists(sibling(end))) {
          move(sibling(end), sibling(suffix + end));
        }
      }
      if (Files.exists(database)) {
        move(database, databaseAside());
      }
      move(readyDatabase(), database);
      sync(database.getParent());
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static List<Path> files(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> all = Files.list(folder)) {
        all.filter(Files::isRegularFile).sorted().forEach(files::add);
      }
    }
    return files;
  }

  /** Has the disk keep it. */
  static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Removes what was made ready, when it is not to be used. */
  void abandon() throws IOException {
    Files.deleteIfExists(readyDatabase());
    for (String end : BESIDE) {
      Files.deleteIfExists(readyDatabase().resolveSibling(readyDatabase().getFileName() + end));
    }
    for (Path file : files(readyPlugins())) {
      Files.delete(file);
    }
    Files.deleteIfExists(readyPlugins());
    RunFiles.remove(readyRuns());
  }
}
