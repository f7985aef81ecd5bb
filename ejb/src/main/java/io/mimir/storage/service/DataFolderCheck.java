package io.mimir.storage.service;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;

import io.mimir.lifecycle.service.HealthCheck;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;

/**
 * Whether the data is still where it was opened. What is written into a folder that was deleted, or
 * that another one was mounted over, is lost: nothing is written then, and calls should go
 * elsewhere.
 */
@ApplicationScoped
public class DataFolderCheck implements HealthCheck {

  private static final System.Logger LOG = System.getLogger(DataFolderCheck.class.getName());
  private static final String NAME = "data_folder";

  @Inject DataFolder folder;

  private Finding found = Finding.ok(NAME, null);

  @Override
  public synchronized Finding finding() {
    boolean there = folder.isThere() && Database.isThere();
    if (there != (found.level() == Level.OK)) {
      found =
          there
              ? Finding.ok(NAME, Instant.now())
              : new Finding(
                  NAME,
                  Level.DOWN,
                  "The data folder was deleted or replaced while the server runs. Nothing is"
                      + " written any more: bring it back, or restart with the right one",
                  Instant.now());
      LOG.log(there ? INFO : ERROR, there ? "The data folder is back" : found.reason());
    }
    return found;
  }
}
