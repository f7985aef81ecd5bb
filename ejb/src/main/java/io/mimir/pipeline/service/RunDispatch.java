package io.mimir.pipeline.service;

import io.mimir.error.ProblemException;
import io.mimir.lifecycle.service.Drainable;
import io.mimir.lifecycle.service.Readiness;
import io.mimir.lifecycle.service.Started;
import io.mimir.lifecycle.service.Stopping;
import io.mimir.pipeline.service.language.Expressions;
import io.mimir.pipeline.service.run.Dispatcher;
import io.mimir.pipeline.service.run.Engine;
import io.mimir.pipeline.service.run.Journal;
import io.mimir.pipeline.service.run.RunReader;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.pipeline.service.run.RunTallies;
import io.mimir.pipeline.service.run.ValueStore;
import io.mimir.storage.service.DataFolder;
import jakarta.annotation.Priority;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.sql.DataSource;

/** The engine of runs in this server, from its start to its stop. */
@ApplicationScoped
public class RunDispatch implements Drainable {

  @Resource(lookup = "java:app/jdbc/mimir")
  DataSource database;

  @Resource ManagedThreadFactory threads;
  @Resource ManagedExecutorService managed;

  @Inject DataFolder folder;
  @Inject Readiness readiness;
  @Inject RunDefinitions definitions;
  @Inject RunActions actions;
  @Inject RunModels models;
  @Inject RunFeed feed;
  @Inject CronTriggers triggers;

  private final Expressions expressions = new Expressions();
  private RunStore runs;
  private RunTallies tallies;
  private RunReader reader;
  private ValueStore values;
  private Journal journal;
  private Dispatcher dispatcher;
  private ExecutorService workers;
  private ScheduledExecutorService timers;

  /** After everything that runs need has filled its memory. */
  void begin(@Observes @Priority(10_000) Started started) {
    runs = new RunStore(database);
    tallies = new RunTallies(database);
    reader = new RunReader(database);
    values = new ValueStore(folder.file("runs"));
    journal = new Journal(database, threads, feed::grown);
    workers = new ManagedWorkers(managed);
    timers = Executors.newScheduledThreadPool(1, threads);
    Engine engine =
        new Engine(
            new Engine.Parts(
                journal,
                reader,
                values,
                definitions,
                actions,
                models,
                actions::tool,
                feed::listener,
                workers,
                timers),
            expressions);
    dispatcher =
        new Dispatcher(database, engine, runs, workers, this::isStopping, List.of(triggers.task()));
    dispatcher.start();
    triggers.scheduleAll(dispatcher.scheduler());
  }

  /** Once it is known to the database. */
  void changed(@Observes(during = TransactionPhase.AFTER_SUCCESS) TriggerChanged changed) {
    triggers.schedule(dispatcher.scheduler(), changed.triggerId());
  }

  private boolean isStopping() {
    return switch (readiness.phase()) {
      case DRAINING, STOPPED -> true;
      default -> false;
    };
  }

  RunTallies tallies() {
    return tallies;
  }

  Expressions expressions() {
    return expressions;
  }

  RunStore runs() {
    return runs;
  }

  RunReader reader() {
    return reader;
  }

  ValueStore values() {
    return values;
  }

  Journal journal() {
    return journal;
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  @Override
  public int running() {
    return dispatcher == null ? 0 : dispatcher.running();
  }

  @Override
  public void end(ProblemException why) {
    if (dispatcher != null) {
      dispatcher.end();
    }
  }

  /** Before what runs use is gone. */
  void stop(@Observes @Priority(1) Stopping stopping) {
    if (dispatcher == null) {
      return;
    }
    dispatcher.close();
    journal.close();
    workers.shutdownNow();
    timers.shutdownNow();
  }
}
