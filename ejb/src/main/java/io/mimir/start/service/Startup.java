package io.mimir.start.service;

import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Readiness;
import io.mimir.lifecycle.service.StartException;
import io.mimir.lifecycle.service.StartException.Exit;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.security.service.Setup;
import io.mimir.security.service.SetupWish;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.sql.DataSourceDefinition;
import jakarta.ejb.Singleton;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.io.IOException;

/**
 * Brings the server up once its data is open: fills the memory of the features, and sees to the
 * first account.
 */
@Singleton
@jakarta.ejb.Startup
@PermitAll
@TransactionManagement(TransactionManagementType.BEAN)
@DataSourceDefinition(
    name = "java:app/jdbc/mimir",
    className = "io.mimir.start.service.MimirDataSource",
    initialPoolSize = 1,
    minPoolSize = 1,
    maxPoolSize = 16)
public class Startup {

  private final StartConfig config = new StartConfig();

  @Inject OpenData data;
  @Inject Readiness readiness;
  @Inject Event<Started> started;
  @Inject Event<Stopping> stopping;
  @Inject Setup setup;
  @Inject Termination termination;

  @PostConstruct
  void start() {
    DataBootstrap opening = DataBootstrap.opened();
    try {
      data.open(opening);
      started.fire(new Started());
      prepareSetup();
      readiness.ready();
      if (config.report().isPresent()) {
        // The launcher has made this process for us alone: its end is ours to order.
        termination.listen(config.drain());
      }
    } catch (StartException e) {
      DataBootstrap.report(e, config);
      throw e;
    } catch (RuntimeException e) {
      DataBootstrap.report(new StartException(Exit.FAILED, "An unexpected error", e), config);
      throw e;
    }
  }

  private void prepareSetup() {
    try {
      setup.prepare(new SetupWish(config.publicUrl(), config.adminUser(), config.adminPassword()));
    } catch (ProblemException e) {
      throw StartException.configuration(
          "MIMIR_ADMIN_USER or MIMIR_ADMIN_PASSWORD cannot be used: " + e.getMessage());
    } catch (IOException e) {
      throw new StartException(Exit.FAILED, "The setup link cannot be written", e);
    }
  }

  @PreDestroy
  void stop() {
    termination.listenNoMore();
    try {
      stopping.fire(new Stopping());
    } finally {
      readiness.stopped();
      DataBootstrap.close();
    }
  }
}
