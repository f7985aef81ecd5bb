package io.mimir.start.service;

import io.mimir.security.Vault;
import io.mimir.storage.service.DataFolder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;

/** The data folder and the vault that the start has opened, for the beans that need them. */
@ApplicationScoped
public class OpenData {

  private volatile DataFolder folder;
  private volatile Vault vault;

  void open(DataFolder opened, Vault unlocked) {
    folder = opened;
    vault = unlocked;
  }

  /** The one vault of this server. */
  @Produces
  Vault vault() {
    return vault;
  }

  @Produces
  DataFolder folder() {
    return folder;
  }
}
