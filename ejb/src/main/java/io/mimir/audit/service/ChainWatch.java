package io.mimir.audit.service;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;
import io.mimir.lifecycle.service.HealthCheck;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.storage.service.DataFolder;
import io.mimir.storage.service.Database;
import jakarta.annotation.Resource;
import jakarta.ejb.EJBException;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Verifies the log, when somebody asks and once a day by itself. What it finds stays in the status
 * of the server until a verification finds nothing; the end of the chain goes to the server's log,
 * which may be kept elsewhere (T90).
 */
@ApplicationScoped
public class ChainWatch implements HealthCheck {

  private static final System.Logger LOG = System.getLogger(ChainWatch.class.getName());
  private static final String NAME = "audit";
  private static final Duration FIRST = Duration.ofMinutes(5);
  private static final Duration EVERY = Duration.ofDays(1);

  @Inject ChainKeys keys;
  @Inject DataFolder folder;
  @Inject HeadKeeper heads;
  @Resource ManagedScheduledExecutorService scheduler;

  private volatile Finding finding = Finding.ok(NAME, null);
  private volatile Future<?> daily;

  void start(@Observes Started started) {
    tellHead();
    daily =
        scheduler.scheduleWithFixedDelay(
            this::look, FIRST.toMinutes(), EVERY.toMinutes(), TimeUnit.MINUTES);
  }

  private void tellHead() {
    LOG.log(INFO, "The audit log ends at {0}", heads.latest());
  }

  private void look() {
    try {
      verify(List.of());
      tellHead();
    } catch (EJBException e) {
      LOG.log(WARNING, "The audit log could not be verified: {0}", e.getMessage());
    }
  }

  /**
   * Verifies the chains of all nodes.
   *
   * @param written heads that were written down outside
   * @throws EJBException when the database or the file with the chain's end cannot be read
   */
  Verification verify(List<ChainHead> written) {
    // Beside the pool, and without the lock of writers.
    try (Connection connection = Database.dataSource().getConnection()) {
      Verification found = AuditChain.verify(connection, keys, folder.file(HeadFile.NAME), written);
      // What somebody noted outside may be mistyped: that alone is no state of the server.
      if (written.isEmpty() || found.intact()) {
        judge(found);
      }
      return found;
    } catch (SQLException e) {
      throw new EJBException("The audit log cannot be read", e);
    } catch (IOException e) {
      throw new EJBException("The file with the end of the audit log cannot be read", e);
    }
  }

  private void judge(Verification found) {
    boolean wasWell = finding.level() == Level.OK;
    if (found.intact()) {
      finding = wasWell ? finding : Finding.ok(NAME, Instant.now());
      return;
    }
    long count = found.findings().size() + found.findingsLeftOut();
    LOG.log(WARNING, "The audit log was changed outside of Mimir, in {0} places", count);
    finding =
        new Finding(
            NAME,
            Level.DEGRADED,
            "The audit log was changed outside of Mimir, in %d %s: see Settings, Audit"
                .formatted(count, count == 1 ? "place" : "places"),
            wasWell ? Instant.now() : finding.since());
  }

  @Override
  public Finding finding() {
    return finding;
  }

  void stop(@Observes Stopping stopping) {
    if (daily != null) {
      daily.cancel(false);
    }
    tellHead();
  }
}
