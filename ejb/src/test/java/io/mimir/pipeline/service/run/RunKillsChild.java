package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Expressions;
import io.mimir.pipeline.service.language.Step;
import io.mimir.storage.service.Database;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.sql.DataSource;

/**
 * A process that works on runs until somebody kills it. Arguments: the database, the folder of
 * values, the address of the provider, and how many new runs it is to start.
 */
final class RunKillsChild implements ActionCalls, ModelAsks, Definitions {

  static final int STEPS = 20;

  /** Every third step but the first asks a model: six of twenty. */
  private static final int EVERY = 3;

  private final HttpClient http = HttpClient.newHttpClient();
  private final String provider;

  private RunKillsChild(String provider) {
    this.provider = provider;
  }

  static boolean isModel(int step) {
    return step > 0 && step % EVERY == 0;
  }

  static Definition definition() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      Step.Work work =
          isModel(i)
              ? new Step.Model(
                  "m",
                  null,
                  List.of(new Step.Model.Message("user", "s" + i)),
                  null,
                  List.of(),
                  1,
                  null)
              : new Step.Action("test", "noop", RunJson.object().put("i", i));
      steps.add(new Step("s" + i, null, Step.Retry.NONE, null, Step.OnError.STOP, work));
    }
    return new Definition("kills", "", null, steps, null, Definition.Limits.DEFAULT);
  }

  public static void main(String[] arguments) throws InterruptedException {
    DataSource database = Database.dataSource(Path.of(arguments[0]));
    RunStore runs = new RunStore(database);
    ValueStore values = new ValueStore(Path.of(arguments[1]));
    RunKillsChild parts = new RunKillsChild(arguments[2]);
    ExecutorService threads = Executors.newCachedThreadPool();
    ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
    Journal journal = new Journal(database, Thread::new, id -> {});
    Engine engine =
        new Engine(
            new Engine.Parts(
                journal,
                new RunReader(database),
                values,
                parts,
                parts,
                parts,
                (plugin, action) -> null,
                (run, path) -> null,
                threads,
                timers),
            new Expressions());
    Dispatcher dispatcher = new Dispatcher(database, engine, runs, threads, () -> false, List.of());
    dispatcher.start();
    for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
      Value input = new Value(RunJson.object(), null, 2);
      String id =
          runs.insert(
              new RunStore.Wish(
                  RunStore.newId(),
                  "kills",
                  "kills",
                  1,
                  "acc_1",
                  null,
                  "api",
                  null,
                  null,
                  null,
                  input,
                  List.of()));
      dispatcher.wake(id);
    }
    Thread.currentThread().join();
  }

  @Override
  public boolean isIdempotent(String plugin, String action) {
    return true;
  }

  @Override
  public byte[] call(Call call, RunControl control) {
    return call.input();
  }

  @Override
  public Answer ask(Question question, RunControl control) throws StepFailure {
    String step = question.turns().get(0).text();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(provider + question.run().id() + "/" + step)).build();
    try {
      String text = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      return new Answer(text, List.of(), "m", "custom", 1, 1);
    } catch (IOException e) {
      throw StepFailure.passing("unreachable", "The provider is gone");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StepFailure.passing("cancelled", "The call was cancelled");
    }
  }

  @Override
  public Known newest(RunFacts run, Step.Nested step) {
    return new Known("kills", 1);
  }

  @Override
  public Definition revision(String pipelineId, int revision) {
    return definition();
  }

  /** What each run has to give. */
  static ObjectNode expected() {
    return RunJson.object().put("i", STEPS - 1);
  }
}
