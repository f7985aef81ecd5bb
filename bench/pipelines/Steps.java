package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Expressions;
import io.mimir.pipeline.service.language.Step;
import io.mimir.storage.service.Database;
import io.mimir.storage.service.SchemaMigration;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;

/**
 * What a journalled step costs, beside plain inserts of the same rows into the same kind of
 * database, in turns and in one run: one run at a time, and 64 at once.
 */
final class Steps implements ActionCalls, ModelAsks, Definitions {

  private static final int STEPS = 200;
  private static final int RUNS_AT_ONCE = 64;
  private static final int TURNS = 9;
  private static final int CONTEXT_BYTES = 1024;

  private final DataSource database;
  private final RunStore runs;
  private final Engine engine;
  private final ConcurrentHashMap<String, List<Long>> times = new ConcurrentHashMap<>();

  private Steps(Path folder) {
    database = pooled(Database.dataSource(folder.resolve("mimir.db")));
    runs = new RunStore(database);
    engine =
        new Engine(
            new Engine.Parts(
                new Journal(database, Thread::new, id -> {}),
                new RunReader(database),
                new ValueStore(folder.resolve("runs")),
                this,
                this,
                this,
                (plugin, action) -> null,
                (run, path) -> null,
                Executors.newCachedThreadPool(),
                Executors.newScheduledThreadPool(1)),
            new Expressions());
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory(Path.of(arguments[0]), "steps");
    try (Connection connection =
        Database.dataSource(folder.resolve("mimir.db")).getConnection()) {
      SchemaMigration.run(connection);
    }
    Steps bench = new Steps(folder);
    bench.oneAtATime();
    bench.manyAtOnce();
    System.exit(0);
  }

  /** Keeps connections open, as the pool of the server does. */
  static DataSource pooled(DataSource database) {
    Deque<Connection> idle = new ConcurrentLinkedDeque<>();
    return (DataSource)
        Proxy.newProxyInstance(
            Steps.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (self, method, arguments) -> {
              Connection kept = idle.poll();
              return lent(kept == null ? database.getConnection() : kept, idle);
            });
  }

  private static Connection lent(Connection connection, Deque<Connection> idle) {
    return (Connection)
        Proxy.newProxyInstance(
            Steps.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (self, method, arguments) -> {
              if (method.getName().equals("close")) {
                idle.push(connection);
                return null;
              }
              return method.invoke(connection, arguments);
            });
  }

  private static Definition definition() {
    ObjectNode context = RunJson.object().put("context", "x".repeat(CONTEXT_BYTES));
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      steps.add(
          new Step(
              "s" + i,
              null,
              Step.Retry.NONE,
              null,
              Step.OnError.STOP,
              new Step.Action("test", "noop", context)));
    }
    return new Definition("steps", "", null, steps, null, Definition.Limits.DEFAULT);
  }

  private static final Definition DEFINITION = definition();

  private String queue() {
    return runs.insert(
        new RunStore.Wish(
            RunStore.newId(), "steps", "steps", 1, "acc_1", null, "api", null, null, null,
            new Value(RunJson.object(), null, 2), List.of()));
  }

  private void oneAtATime() throws Exception {
    List<Double> ratios = new ArrayList<>();
    List<Double> steps = new ArrayList<>();
    for (int turn = 0; turn < TURNS; turn++) {
      String id = queue();
      engine.work(id, new RunControl());
      double step = median(gaps(times.remove(id)));
      double plain = median(plainCommits());
      if (turn > 0) {
        steps.add(step);
        ratios.add(step / plain);
      }
      System.out.printf("step %.0f us, plain %.0f us, ratio %.2f%n", step, plain, step / plain);
    }
    System.out.printf(
        "ONE AT A TIME: p50 of a step %.0f us, %.2f times a plain insert with commit (at most 1.5)%n",
        median(steps), median(ratios));
  }

  private static List<Double> gaps(List<Long> nanos) {
    List<Double> gaps = new ArrayList<>();
    for (int i = 1; i < nanos.size(); i++) {
      gaps.add((nanos.get(i) - nanos.get(i - 1)) / 1000.0);
    }
    return gaps;
  }

  /** The rows of a step: what it gave, what the next one begins with, and the row of the run. */
  private List<Double> plainCommits() throws Exception {
    String id = queue();
    List<Double> each = new ArrayList<>();
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement update =
              connection.prepareStatement("update runs set seq = seq + 2 where id = ?");
          PreparedStatement insert = insert(connection)) {
        for (int i = 0; i < STEPS; i++) {
          long begun = System.nanoTime();
          update.setString(1, id);
          update.executeUpdate();
          row(insert, id, 2 * i + 10);
          row(insert, id, 2 * i + 11);
          insert.executeBatch();
          connection.commit();
          each.add((System.nanoTime() - begun) / 1000.0);
        }
      }
    }
    return each;
  }

  private static PreparedStatement insert(Connection connection) throws Exception {
    return connection.prepareStatement(
        "insert into run_events (run_id, seq, at, kind, path, attempt, data)"
            + " values (?, ?, ?, ?, ?, ?, ?)");
  }

  private static final String DATA =
      "{\"result\":{\"value\":{\"context\":\"" + "x".repeat(CONTEXT_BYTES) + "\"}}}";

  private static void row(PreparedStatement insert, String id, int seq) throws Exception {
    insert.setString(1, id);
    insert.setLong(2, seq);
    insert.setLong(3, System.currentTimeMillis());
    insert.setString(4, "finished");
    insert.setString(5, "s" + seq);
    insert.setInt(6, 1);
    insert.setString(7, DATA);
    insert.addBatch();
  }

  private void manyAtOnce() throws Exception {
    List<Double> ratios = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(RUNS_AT_ONCE);
    for (int turn = 0; turn < TURNS; turn++) {
      List<Callable<Outcome>> all = new ArrayList<>();
      for (int i = 0; i < RUNS_AT_ONCE; i++) {
        String id = queue();
        all.add(() -> engine.work(id, new RunControl()));
      }
      long begun = System.nanoTime();
      for (Future<Outcome> one : threads.invokeAll(all)) {
        one.get();
      }
      double rows = 2.0 * STEPS * RUNS_AT_ONCE;
      double rate = rows / ((System.nanoTime() - begun) / 1e9);
      double plain = plainRate((int) rows);
      times.clear();
      if (turn > 0) {
        rates.add(rate);
        ratios.add(rate / plain);
      }
      System.out.printf(
          "%.0f rows/s, plain %.0f rows/s, ratio %.2f%n", rate, plain, rate / plain);
    }
    System.out.printf(
        "64 AT ONCE: %.0f steps/s, %.2f of the same rows inserted in batches (at least 0.5)%n",
        median(rates) / 2, median(ratios));
  }

  /** The rows of one step of each of the runs in a commit, as when all of them come together. */
  private double plainRate(int rows) throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < RUNS_AT_ONCE; i++) {
      ids.add(queue());
    }
    long begun = System.nanoTime();
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement update =
              connection.prepareStatement("update runs set seq = seq + 2 where id = ?");
          PreparedStatement insert = insert(connection)) {
        for (int step = 0; step < rows / 2 / RUNS_AT_ONCE; step++) {
          for (String id : ids) {
            update.setString(1, id);
            update.executeUpdate();
            row(insert, id, 2 * step + 10);
            row(insert, id, 2 * step + 11);
          }
          insert.executeBatch();
          connection.commit();
        }
      }
    }
    return rows / ((System.nanoTime() - begun) / 1e9);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  @Override
  public boolean isIdempotent(String plugin, String action) {
    return true;
  }

  @Override
  public byte[] call(Call call, RunControl control) {
    times.computeIfAbsent(call.run().id(), any -> new ArrayList<>()).add(System.nanoTime());
    return call.input();
  }

  @Override
  public Answer ask(Question question, RunControl control) {
    throw new IllegalStateException("There are no models here");
  }

  @Override
  public Known newest(RunFacts run, Step.Nested step) {
    throw new IllegalStateException("There are no other pipelines here");
  }

  @Override
  public Definition revision(String pipelineId, int revision) {
    return DEFINITION;
  }
}
