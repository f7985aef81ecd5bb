package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.mimir.pipeline.service.language.Scope;
import java.lang.ref.SoftReference;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A list of steps at work, and what they see: what came before them here and further out. */
final class Frame implements Scope {

  /** The result of a step that gave none. */
  static final Value NOTHING = new Value(NullNode.getInstance(), null, 4);

  private final RunWork run;
  private final Frame outer;
  private final String prefix;
  private final JsonNode input;
  private final JsonNode item;
  private final int index;
  private final long deadline;
  private final int depth;
  private final Map<String, Value> results = new ConcurrentHashMap<>();
  private final Map<String, SoftReference<JsonNode>> loaded = new ConcurrentHashMap<>();

  private Frame(
      RunWork run,
      Frame outer,
      String prefix,
      JsonNode input,
      JsonNode item,
      int index,
      long deadline,
      int depth) {
    this.run = run;
    this.outer = outer;
    this.prefix = prefix;
    this.input = input;
    this.item = item;
    this.index = index;
    this.deadline = deadline;
    this.depth = depth;
  }

  /** The steps of a run's own definition. */
  static Frame root(RunWork run, JsonNode input) {
    return new Frame(run, null, "", input, null, -1, Long.MAX_VALUE, 1);
  }

  /** Steps within a step: they see what it sees. */
  Frame within(String path, Duration timeout) {
    return new Frame(run, this, path + ".", input, item, index, earlier(timeout), depth);
  }

  /** The steps for one item. */
  Frame forItem(String path, JsonNode one, int place, Duration timeout) {
    String at = path + "." + place + ".";
    return new Frame(run, this, at, input, one, place, earlier(timeout), depth);
  }

  /** The steps of another pipeline: they see their own input only. */
  Frame nested(String path, JsonNode its, Duration timeout) {
    return new Frame(run, null, path + ".", its, null, -1, earlier(timeout), depth + 1);
  }

  private long earlier(Duration timeout) {
    if (timeout == null) {
      return deadline;
    }
    long end = System.currentTimeMillis() + timeout.toMillis();
    return Math.min(deadline, end);
  }

  /** How many pipelines lie in one another here, from 1 on. */
  int depth() {
    return depth;
  }

  String path(String step) {
    return prefix + step;
  }

  /**
   * How long an attempt may take.
   *
   * @param own what the step says; null for nothing
   * @return null where nothing bounds it
   */
  Duration patience(Duration own) {
    if (deadline == Long.MAX_VALUE) {
      return own;
    }
    Duration left = Duration.ofMillis(Math.max(1, deadline - System.currentTimeMillis()));
    return own == null || left.compareTo(own) < 0 ? left : own;
  }

  /**
   * @throws StepFailure timeout when a step further out has taken as long as it may
   */
  void checkTime() throws StepFailure {
    if (System.currentTimeMillis() >= deadline) {
      throw StepFailure.lasting("timeout", "The step around this one took longer than it may");
    }
  }

  void put(String step, Value result) {
    results.put(step, result);
    loaded.remove(step);
  }

  @Override
  public JsonNode input() {
    return input;
  }

  @Override
  public Set<String> steps() {
    Set<String> names = outer == null ? new LinkedHashSet<>() : outer.steps();
    names.addAll(results.keySet());
    return names;
  }

  @Override
  public JsonNode step(String name) {
    Value value = results.get(name);
    if (value == null) {
      return outer == null ? null : outer.step(name);
    }
    if (value.sha256() == null) {
      return value.inline();
    }
    SoftReference<JsonNode> kept = loaded.get(name);
    JsonNode json = kept == null ? null : kept.get();
    if (json == null) {
      json = run.load(value);
      loaded.put(name, new SoftReference<>(json));
    }
    return json;
  }

  @Override
  public JsonNode item() {
    return item;
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public JsonNode run() {
    return run.asJson();
  }
}
