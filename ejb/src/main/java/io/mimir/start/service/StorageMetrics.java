package io.mimir.start.service;

import static java.lang.System.Logger.Level.DEBUG;

import io.mimir.metrics.service.MetricsSource;
import io.mimir.storage.service.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How large the database is, and how much room its disk has. */
@ApplicationScoped
public class StorageMetrics implements MetricsSource {

  private static final System.Logger LOG = System.getLogger(StorageMetrics.class.getName());

  @Override
  public void report(Sink sink) {
    Path file = Database.path();
    sink.gauge("mimir_storage_database_bytes", "Size of the database's file.", size(file));
    sink.gauge(
        "mimir_storage_wal_bytes",
        "Size of the write-ahead log, whose content is on its way into the database's file.",
        size(file.resolveSibling(file.getFileName() + "-wal")));
    try {
      sink.gauge(
          "mimir_storage_free_bytes",
          "Room on the disk of the database.",
          Files.getFileStore(file.getParent()).getUsableSpace());
    } catch (IOException e) {
      // The check of the storage says so, and a figure that is absent can be alarmed by.
      LOG.log(DEBUG, "The disk of the database cannot be asked how much room it has");
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }
}
