package io.mimir.pipeline.service.run;

import io.mimir.pipeline.RunStatus;
import io.mimir.storage.service.Database;
import io.mimir.storage.service.SchemaMigration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * What the pages of pipelines and runs read, with few runs in the database and with very many, in
 * turns and in one run.
 */
final class History {

  private static final int PIPELINES = 20;
  private static final int EVENTS = 6;
  private static final int PAGE = 50;
  private static final int TURNS = 200;
  private static final int ROWS_A_COMMIT = 10_000;

  private final DataSource database;
  private final RunStore runs;
  private final RunReader reader;
  private final RunTallies tallies;
  private final String middle;

  private History(Path folder, int many) throws Exception {
    Path file = folder.resolve(many + ".db");
    database = Database.dataSource(file);
    try (Connection connection = database.getConnection()) {
      SchemaMigration.run(connection);
      fill(connection, many);
    }
    DataSource one = Steps.pooled(Database.dataSource(file));
    runs = new RunStore(one);
    reader = new RunReader(one);
    tallies = new RunTallies(one);
    middle = id(many / 2);
  }

  public static void main(String[] arguments) throws Exception {
    int many = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
    Path folder = Files.createTempDirectory(Path.of(arguments[0]), "history");
    History few = new History(folder, 1000);
    History lots = new History(folder, many);
    Map<String, double[]> micros = new LinkedHashMap<>();
    for (int turn = 0; turn < TURNS; turn++) {
      for (Map.Entry<String, Look> look : looks().entrySet()) {
        double[] both = {time(look.getValue(), few), time(look.getValue(), lots)};
        micros.computeIfAbsent(look.getKey() + " 0", any -> new double[TURNS])[turn] = both[0];
        micros.computeIfAbsent(look.getKey() + " 1", any -> new double[TURNS])[turn] = both[1];
      }
    }
    for (String name : looks().keySet()) {
      double small = median(micros.get(name + " 0"));
      double large = median(micros.get(name + " 1"));
      System.out.printf(
          "%-42s 1000 runs %6.0f us, %d runs %6.0f us, %.2f times (at most 1.2)%n",
          name, small, many, large, large / small);
    }
    System.exit(0);
  }

  /** Something that a page reads. */
  private interface Look {
    void at(History history);
  }

  private static Map<String, Look> looks() {
    Map<String, Look> looks = new LinkedHashMap<>();
    looks.put(
        "list of pipelines: counts, last runs",
        h -> {
          h.tallies.since(LocalDate.now(ZoneOffset.UTC).minusDays(29), null);
          for (int i = 0; i < PIPELINES; i++) {
            h.runs.list(new RunStore.Filter("pipe_" + i, null, null, null), 1);
          }
        });
    looks.put("a run with its journal", h -> h.reader.whole(h.middle));
    looks.put(
        "runs of a pipeline",
        h -> h.runs.list(new RunStore.Filter("pipe_3", null, null, null), PAGE));
    looks.put(
        "runs of an account",
        h -> h.runs.list(new RunStore.Filter(null, "acc_1", null, null), PAGE));
    looks.put(
        "failed runs",
        h -> h.runs.list(new RunStore.Filter(null, null, RunStatus.FAILED, null), PAGE));
    looks.put(
        "failed runs of a pipeline",
        h -> h.runs.list(new RunStore.Filter("pipe_3", null, RunStatus.FAILED, null), PAGE));
    looks.put(
        "cancelled runs, of which there are none",
        h -> h.runs.list(new RunStore.Filter(null, null, RunStatus.CANCELLED, null), PAGE));
    looks.put(
        "cancelled runs of an account, none",
        h -> h.runs.list(new RunStore.Filter(null, "acc_1", RunStatus.CANCELLED, null), PAGE));
    looks.put(
        "cancelled runs of a pipeline, none",
        h -> h.runs.list(new RunStore.Filter("pipe_3", null, RunStatus.CANCELLED, null), PAGE));
    looks.put("unfinished runs", h -> h.runs.unfinished());
    return looks;
  }

  private static double time(Look look, History history) {
    long begun = System.nanoTime();
    look.at(history);
    return (System.nanoTime() - begun) / 1000.0;
  }

  private static String id(int number) {
    return "run_%021d".formatted(number * 7919L);
  }

  private static void fill(Connection connection, int many) throws Exception {
    connection.setAutoCommit(false);
    long now = System.currentTimeMillis();
    long apart = TimeUnit.DAYS.toMillis(30) / many;
    try (PreparedStatement run =
            connection.prepareStatement(
                "insert into runs (id, pipeline_id, pipeline_name, revision, status, account_id,"
                    + " trigger_kind, seq, epoch, input, output, input_tokens, output_tokens,"
                    + " bytes, queued_at, started_at, finished_at)"
                    + " values (?, ?, ?, 1, ?, ?, 'api', ?, 1, ?, ?, 10, 5, 100, ?, ?, ?)");
        PreparedStatement event =
            connection.prepareStatement(
                "insert into run_events (run_id, seq, at, kind, path, attempt, data)"
                    + " values (?, ?, ?, ?, ?, 1, ?)")) {
      String value = "{\"value\":{\"text\":\"" + "x".repeat(100) + "\"}}";
      for (int i = 0; i < many; i++) {
        long at = now - (many - i) * apart;
        run.setString(1, id(i));
        run.setString(2, "pipe_" + i % PIPELINES);
        run.setString(3, "pipeline-" + i % PIPELINES);
        run.setString(4, i % 10 == 3 ? "failed" : "succeeded");
        run.setString(5, "acc_" + i / PIPELINES % 10);
        run.setLong(6, EVENTS);
        run.setString(7, value);
        run.setString(8, value);
        run.setLong(9, at);
        run.setLong(10, at);
        run.setLong(11, at + 1000);
        run.addBatch();
        for (int seq = 1; seq <= EVENTS; seq++) {
          event.setString(1, id(i));
          event.setInt(2, seq);
          event.setLong(3, at);
          event.setString(4, seq % 2 == 0 ? "finished" : "begun");
          event.setString(5, "s" + seq / 2);
          event.setString(6, seq % 2 == 0 ? "{\"result\":" + value + "}" : "{}");
          event.addBatch();
        }
        if (i % ROWS_A_COMMIT == ROWS_A_COMMIT - 1 || i == many - 1) {
          run.executeBatch();
          event.executeBatch();
          connection.commit();
        }
      }
      count(connection);
      connection.commit();
    }
  }

  private static void count(Connection connection) throws Exception {
    try (PreparedStatement count =
        connection.prepareStatement(
            "insert into run_tallies select pipeline_id, account_id, finished_at / 86400000,"
                + " count(*), sum(status = 'succeeded') from runs group by 1, 2, 3")) {
      count.executeUpdate();
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
