package io.mimir.start.service;

import io.mimir.audit.ChainKeys;
import io.mimir.audit.service.AuditChain;
import io.mimir.security.Vault;
import io.mimir.storage.service.DataFolder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;

/**
 * The data folder, the vault and the audit chain that the start has opened, for the beans that need
 * them.
 */
@ApplicationScoped
public class OpenData {

  private volatile DataFolder folder;
  private volatile Vault vault;
  private volatile ChainKeys chainKeys;
  private volatile AuditChain chain;

  void open(DataBootstrap opening) {
    folder = opening.folder();
    vault = opening.vault();
    chainKeys = opening.chainKeys();
    chain = opening.chain();
  }

  /** The one vault of this server. */
  @Produces
  Vault vault() {
    return vault;
  }

  @Produces
  ChainKeys chainKeys() {
    return chainKeys;
  }

  /** The audit chain of this node. */
  @Produces
  AuditChain chain() {
    return chain;
  }

  @Produces
  DataFolder folder() {
    return folder;
  }
}
