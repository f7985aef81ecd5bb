package io.mimir.start.service;

import io.mimir.security.Vault;
import io.mimir.storage.service.DataFolder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;

/** What the start has opened, for the beans that need it, and how far it has come. */
@ApplicationScoped
public class StartState {

  private volatile DataFolder folder;
  private volatile Vault vault;
  private volatile boolean ready;

  void open(DataFolder opened, Vault unlocked) {
    folder = opened;
    vault = unlocked;
  }

  void ready() {
    ready = true;
  }

  void stopped() {
    ready = false;
  }

  /** Whether everything that a request needs is there. */
  public boolean isReady() {
    return ready;
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
