package io.mimir.audit.service;

import static jakarta.ejb.TransactionAttributeType.NOT_SUPPORTED;

import io.mimir.audit.AuditedAction;
import io.mimir.audit.ChainHead;
import io.mimir.audit.Outcome;
import io.mimir.storage.service.Database;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What auditors do with the log as a whole. */
@Stateless
@RolesAllowed(AuditLog.READER)
@TransactionAttribute(NOT_SUPPORTED)
public class AuditChecks {

  @Inject ChainWatch watch;
  @EJB AuditLog log;

  /**
   * Finds out whether the log is as it was written.
   *
   * @param written heads that were written down outside, and that the chains have to hold
   */
  public Verification verify(List<ChainHead> written) {
    return watch.verify(written);
  }

  /** Writes down that somebody takes a copy. */
  public void noteExport() {
    log.write(AuditedAction.of("audit.export"), Outcome.SUCCESS);
  }

  /**
   * A part of the chains, in the order of nodes and positions.
   *
   * @param after the end of the part before, or of a copy that is to be continued; null for the
   *     first part
   */
  public ExportPage export(ChainHead after) {
    try (Connection connection = Database.dataSource().getConnection()) {
      return AuditChain.export(connection, after);
    } catch (SQLException e) {
      throw new EJBException("The audit log cannot be read", e);
    }
  }
}
