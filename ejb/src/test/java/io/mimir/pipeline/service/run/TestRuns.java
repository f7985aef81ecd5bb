package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.Prompt;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Expressions;
import io.mimir.pipeline.service.language.Step;
import io.mimir.storage.service.TestStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/** An engine on a database of its own, with actions and models that are functions. */
final class TestRuns implements AutoCloseable, ActionCalls, ModelAsks, Definitions {

  private static final Expressions EXPRESSIONS = new Expressions();

  final TestStore store = TestStore.fresh();
  final Path folder;
  final RunStore runs = new RunStore(store.connections());
  final RunReader reader = new RunReader(store.connections());
  final ValueStore values;
  final List<String> called = Collections.synchronizedList(new ArrayList<>());
  final List<Call> calls = new CopyOnWriteArrayList<>();
  final List<Question> questions = new CopyOnWriteArrayList<>();
  private final Map<String, Action> actions = new ConcurrentHashMap<>();
  private final Map<String, Definition> definitions = new HashMap<>();
  private final ExecutorService helpers = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
  Function<Question, Answer> model =
      question -> new Answer("42", List.of(), "model-1", "openai", 3, 2);
  Journal journal;
  Engine engine;

  /** What an action of a test does. */
  interface Action {
    JsonNode call(JsonNode input) throws StepFailure;
  }

  TestRuns() {
    try {
      folder = Files.createTempDirectory("mimir-runs");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    values = new ValueStore(folder);
    restart();
  }

  /** As a process that begins anew on the same database. */
  void restart() {
    if (journal != null) {
      journal.close();
    }
    journal = new Journal(store.connections(), Thread::new, id -> {});
    engine =
        new Engine(
            new Engine.Parts(
                journal,
                reader,
                values,
                this,
                this,
                this,
                (plugin, action) -> new Prompt.Tool(Engine.toolName(plugin, action), "", "{}"),
                (run, path) -> null,
                helpers,
                timers),
            EXPRESSIONS);
  }

  /**
   * Offers an action of the plugin {@code test}; one whose name ends with _once is not repeated.
   */
  void action(String name, Action deed) {
    actions.put(name, deed);
  }

  void define(Definition definition) {
    definitions.put(definition.name(), definition);
  }

  String start(Definition definition, ObjectNode input) {
    define(definition);
    String id = RunStore.newId();
    Value kept = new Value(input, null, 10);
    return runs.insert(
        new RunStore.Wish(
            id,
            definition.name(),
            definition.name(),
            1,
            "acc_1",
            null,
            "manual",
            null,
            null,
            null,
            kept,
            List.of()));
  }

  Outcome work(String id) {
    return engine.work(id, new RunControl());
  }

  RunStore.Row row(String id) {
    return runs.find(id).orElseThrow();
  }

  JsonNode output(String id) {
    return values.load(id, row(id).output());
  }

  RunState state(String id) {
    return RunState.of(reader.events(id, 0, Integer.MAX_VALUE));
  }

  @Override
  public boolean isIdempotent(String plugin, String action) {
    return !action.endsWith("_once");
  }

  @Override
  public byte[] call(Call call, RunControl control) throws StepFailure {
    called.add(call.action());
    calls.add(call);
    try {
      return RunJson.bytes(actions.get(call.action()).call(RunJson.read(call.input())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Answer ask(Question question, RunControl control) {
    questions.add(question);
    return model.apply(question);
  }

  @Override
  public Known newest(RunFacts run, Step.Nested step) throws StepFailure {
    if (!definitions.containsKey(step.pipeline())) {
      throw StepFailure.lasting("not_found", "There is no pipeline " + step.pipeline());
    }
    return new Known(step.pipeline(), 1);
  }

  @Override
  public Definition revision(String pipelineId, int revision) throws StepFailure {
    Definition definition = definitions.get(pipelineId);
    if (definition == null) {
      throw StepFailure.lasting("not_found", "There is no pipeline " + pipelineId);
    }
    return definition;
  }

  @Override
  public void close() {
    journal.close();
    helpers.shutdownNow();
    timers.shutdownNow();
    store.close();
  }
}
