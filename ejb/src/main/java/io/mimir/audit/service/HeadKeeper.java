package io.mimir.audit.service;

import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;
import io.mimir.lifecycle.service.HealthCheck;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.storage.service.DataFolder;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the file with the chain's end up to date: after each commit, at most once a second, and at
 * the stop of the server. What cannot be written is tried again. Safe for any number of threads.
 */
@ApplicationScoped
public class HeadKeeper implements HealthCheck {

  private static final System.Logger LOG = System.getLogger(HeadKeeper.class.getName());
  private static final String NAME = "audit_head";
  private static final long PAUSE_SECONDS = 1;
  private static final long RETRY_SECONDS = 5;

  @Inject AuditChain chain;
  @Inject ChainKeys keys;
  @Inject DataFolder folder;
  @Resource ManagedScheduledExecutorService scheduler;

  /** The furthest end that is committed. */
  private ChainHead latest;

  private ChainHead written;
  private boolean scheduled;
  private Finding finding = Finding.ok(NAME, null);

  @PostConstruct
  synchronized void begin() {
    latest = chain.opened();
    written = latest;
  }

  /** Returns an end that is committed for certain. */
  public synchronized ChainHead latest() {
    return latest;
  }

  synchronized void committed(@Observes(during = TransactionPhase.AFTER_SUCCESS) ChainHead head) {
    // Commits are told in any order.
    if (head.position() > latest.position()) {
      latest = head;
      schedule(PAUSE_SECONDS);
    }
  }

  private void schedule(long seconds) {
    if (!scheduled) {
      scheduled = true;
      scheduler.schedule(this::write, seconds, TimeUnit.SECONDS);
    }
  }

  private synchronized void write() {
    scheduled = false;
    if (latest.equals(written)) {
      return;
    }
    try {
      HeadFile.write(folder, latest, keys);
      written = latest;
      if (finding.level() != Level.OK) {
        finding = Finding.ok(NAME, Instant.now());
      }
    } catch (IOException e) {
      if (finding.level() == Level.OK) {
        LOG.log(WARNING, "The end of the audit log cannot be noted in {0}", HeadFile.NAME);
        finding =
            new Finding(
                NAME,
                Level.DEGRADED,
                "The end of the audit log cannot be noted in the data folder: if events are removed"
                    + " from it now, a verification does not see it",
                Instant.now());
      }
      schedule(RETRY_SECONDS);
    }
  }

  @Override
  public synchronized Finding finding() {
    return finding;
  }

  void stop(@Observes Stopping stopping) {
    write();
  }

  /** What was still audited while the server stopped. */
  @PreDestroy
  void end() {
    write();
  }
}
