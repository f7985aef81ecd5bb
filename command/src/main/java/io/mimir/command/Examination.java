package io.mimir.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.lifecycle.service.StartException;
import io.mimir.security.service.DevKeyFile;
import io.mimir.security.service.LocalOperator;
import io.mimir.security.service.MasterKeys;
import io.mimir.start.service.OfflineData;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.Database;
import io.mimir.storage.service.StorageConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the doctor looks at, in the order in which a start needs it. */
final class Examination {

  /** A connection is an open file; the launcher refuses fewer. */
  private static final long FEWEST_FILES = 1024;

  /** Where the server itself begins to warn. */
  private static final long LITTLE_ROOM = 16L * 1024 * 1024;

  private static final long SOME_ROOM = 1024L * 1024 * 1024;

  private static final Pattern HARD_LIMIT =
      Pattern.compile("(?m)^Max open files\\s+\\S+\\s+(\\S+)");

  private Examination() {}

  static List<Finding> all() {
    return Stream.of(
            java(),
            settings(),
            masterKey(),
            folder("data_folder", OfflineData.dataDir()),
            folder("plugins", StorageConfig.load().pluginDir()),
            room(),
            database(),
            temporary(),
            openFiles(),
            server())
        .toList();
  }

  private static Finding java() {
    return Finding.ok(
        "java", "%s, %s".formatted(Runtime.version(), System.getProperty("java.home")));
  }

  private static Finding settings() {
    List<String> unknown = OfflineData.unknownSettings();
    if (!unknown.isEmpty()) {
      return Finding.warn(
          "settings",
          "%s: no such setting, and no effect; the README has the table of them"
              .formatted(String.join(", ", unknown)));
    }
    return Finding.ok("settings", "profile %s".formatted(System.getenv("MIMIR_PROFILE")));
  }

  private static Finding masterKey() {
    try {
      MasterKeys keys = OfflineData.masterKeys();
      Path file = OfflineData.dataDir().resolve(DevKeyFile.NAME);
      if (Files.exists(file) && DataFolder.isReadableByOthers(file)) {
        return Finding.fail("master_key", "%s can be read by others: chmod 600 it".formatted(file));
      }
      return Finding.ok("master_key", "is there, id " + keys.current().id());
    } catch (StartException e) {
      boolean first = !Database.exists() && "dev".equals(System.getenv("MIMIR_PROFILE"));
      return first
          ? Finding.ok("master_key", "none yet: the first start in the dev profile makes one")
          : Finding.fail("master_key", e.getMessage());
    } catch (IOException e) {
      return Finding.fail("master_key", "Its file cannot be looked at: " + e.getMessage());
    }
  }

  private static Finding folder(String name, Path folder) {
    if (!Files.exists(folder)) {
      return Finding.ok(name, "%s is not there yet: the first start makes it".formatted(folder));
    }
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      return Finding.fail(
          name,
          "%s cannot be written by %s: change its owner"
              .formatted(folder, System.getProperty("user.name")));
    }
    try {
      if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder);
        if (mode.contains(PosixFilePermission.OTHERS_WRITE)
            || mode.contains(PosixFilePermission.GROUP_WRITE)) {
          return Finding.warn(name, "%s can be written by others: chmod 700 it".formatted(folder));
        }
      }
    } catch (IOException e) {
      return Finding.fail(name, "%s cannot be looked at".formatted(folder));
    }
    return Finding.ok(name, folder.toString());
  }

  private static Finding room() {
    Path folder = OfflineData.dataDir();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    try {
      long left = Files.getFileStore(folder).getUsableSpace();
      String told = "%d MiB are left on the disk of %s".formatted(left >> 20, folder);
      if (left < LITTLE_ROOM) {
        return Finding.fail("disk", told + ": make room");
      }
      return left < SOME_ROOM
          ? Finding.warn(
              "disk", told + ": logs and usage take some, and a backup as much as the database")
          : Finding.ok("disk", told);
    } catch (IOException e) {
      return Finding.fail(
          "disk", "The disk of %s cannot be asked how much room it has".formatted(folder));
    }
  }

  private static Finding database() {
    Path file = StorageConfig.load().dbPath();
    if (!Database.exists()) {
      return Finding.ok(
          "database", "%s is not there yet: the first start makes it".formatted(file));
    }
    try {
      OfflineData.openDatabase();
      return Finding.ok(
          "database",
          "%s is sound, %d MiB, and the master key opens it"
              .formatted(file, Files.size(file) >> 20));
    } catch (StartException e) {
      return Finding.fail("database", e.getMessage());
    } catch (IOException e) {
      return Finding.fail("database", "%s cannot be read".formatted(file));
    }
  }

  /** SQLite's native library is unpacked there and run from there. */
  private static Finding temporary() {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      Path script = Files.createTempFile(folder, "mimir-doctor-", ".sh");
      try {
        Files.writeString(script, "#!/bin/sh\nexit 0\n");
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
          Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        }
        Process process = new ProcessBuilder(script.toString()).start();
        if (process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0) {
          return Finding.ok("temporary", "programs can be run from " + folder);
        }
      } finally {
        Files.deleteIfExists(script);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // Told below: whether it cannot be written or is mounted noexec, another folder mends it.
    }
    return Finding.fail(
        "temporary",
        "No program can be run from %s: set TMPDIR to a folder that is not mounted noexec"
            .formatted(folder));
  }

  private static Finding openFiles() {
    try {
      Matcher limit = HARD_LIMIT.matcher(Files.readString(Path.of("/proc/self/limits")));
      if (limit.find()) {
        String most = limit.group(1);
        return most.matches("[0-9]+") && Long.parseLong(most) < FEWEST_FILES
            ? Finding.fail(
                "open_files",
                "%s may be open, and Mimir needs %d: raise it (ulimit -Hn, LimitNOFILE of systemd)"
                    .formatted(most, FEWEST_FILES))
            : Finding.ok("open_files", "%s may be open".formatted(most));
      }
    } catch (IOException e) {
      // Not Linux.
    }
    return Finding.ok("open_files", "this system does not say how many may be open");
  }

  private static Finding server() {
    if (Files.exists(OfflineData.dataDir().resolve(LocalOperator.FILE))) {
      RunningServer server = RunningServer.of(OfflineData.dataDir());
      try {
        JsonNode status = server.json("GET", "/api/v1/status");
        return judge(server, status);
      } catch (CommandException e) {
        return Finding.warn(
            "server",
            "%s: it is starting, was killed, or hangs; the log says which"
                .formatted(e.getMessage()));
      }
    }
    return port();
  }

  private static Finding judge(RunningServer server, JsonNode status) {
    StringBuilder told = new StringBuilder();
    told.append(server.address()).append(' ').append(status.path("status").asText());
    boolean down = false;
    for (JsonNode check : status.path("checks")) {
      down |= check.path("status").asText().equals("down");
      if (!check.path("status").asText().equals("ok")) {
        told.append(". ")
            .append(check.path("name").asText())
            .append(": ")
            .append(check.path("reason").asText());
      }
    }
    if (down) {
      return Finding.fail("server", told.toString());
    }
    return status.path("status").asText().equals("ok")
        ? Finding.ok("server", told.toString())
        : Finding.warn("server", told.toString());
  }

  private static Finding port() {
    String host = System.getenv("MIMIR_HOST");
    int port = Integer.parseInt(System.getenv("MIMIR_PORT"));
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return Finding.ok(
          "server", String.format(Locale.ROOT, "does not run; port %d is free", port));
    } catch (IOException e) {
      return Finding.fail(
          "server",
          "does not run, and port %d on %s cannot be had: stop what uses it, or set MIMIR_PORT"
              .formatted(port, host));
    }
  }
}
