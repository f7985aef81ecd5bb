package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Definitions, scopes and palettes for the tests of the language. */
final class Samples {

  static final JsonMapper JSON = JsonMapper.builder().build();

  private Samples() {}

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static JsonNode yaml(String text) {
    try {
      return YamlText.read(text).json();
    } catch (YamlException e) {
      throw new IllegalArgumentException(e.line() + ": " + e.getMessage(), e);
    }
  }

  /** A pipeline with these steps, written as YAML that begins with a dash. */
  static JsonNode withSteps(String steps) {
    return yaml("name: sample\nsteps:\n" + steps);
  }

  static Definition definition(JsonNode json) {
    DefinitionReader.Reading reading = DefinitionReader.read(json);
    if (!reading.findings().isEmpty()) {
      throw new IllegalArgumentException(reading.findings().toString());
    }
    return reading.definition();
  }

  /** Definitions whose form is right. */
  static List<String> good() {
    return List.of(
        """
        name: least
        steps:
          - {name: a, action: noop.do}
        """,
        """
        name: all_of-it
        description: Everything that there is
        input: {type: object, properties: {url: {type: string}}}
        limits: {timeout: 2h, tokens: 5000, concurrency: 4}
        steps:
          - name: fetch
            action: http_input.fetch.page
            with: {url: "{{input.url}}"}
            when: input.url != ""
            retry: {times: 3, delay: 1s, factor: 1.5, max_delay: 1m, on: [timeout, BUSY]}
            timeout: 1m30s
            on_error: {go_to: ask}
          - name: ask
            model: openai/gpt-5
            system: Be short.
            messages:
              - {role: user, content: Hi}
              - {role: assistant, content: Hello}
              - {role: user, content: "{{steps.fetch.body}}"}
            answer: {type: object}
            tools: [search.web]
            rounds: 3
            max_tokens: 100
            on_error: continue
          - name: choose
            branch:
              when: true
              then: [{name: yes, pipeline: other, with: {a: 1}}]
              else: []
          - name: loop
            each:
              over: {$pointer: /input/items}
              parallel: 4
              steps: [{name: one, model: gpt-5, prompt: "{{item}}"}]
          - name: both
            parallel:
              left: [{name: l, wait: {for: 500ms}}]
              right: [{name: r, wait: {until: 2030-01-01T00:00:00Z}, on_error: stop}]
          - name: sure
            approve: {role: auditor, message: "Really?"}
        output: {text: "{{steps.ask}}"}
        """);
  }

  /** Definitions with one thing wrong in their form, each with what is told. */
  static Map<String, String> bad() {
    Map<String, String> bad = new HashMap<>();
    bad.put("steps: [{name: a, action: a.b}]", "/name missing");
    bad.put("name: sample", "/steps missing");
    bad.put("{name: sample, steps: []}", "/steps empty");
    bad.put("{name: 1, steps: [{name: a, action: a.b}]}", "/name wrong_type");
    bad.put("{name: Sample, steps: [{name: a, action: a.b}]}", "/name bad_name");
    bad.put("{name: sample, step: [], steps: [{name: a, action: a.b}]}", "/step unknown_member");
    bad.put("{name: sample, input: [], steps: [{name: a, action: a.b}]}", "/input wrong_type");
    bad.put(
        "{name: sample, limits: {concurrency: 65}, steps: [{name: a, action: a.b}]}",
        "/limits/concurrency out_of_range");
    bad.put(
        "{name: sample, limits: {timeout: 60}, steps: [{name: a, action: a.b}]}",
        "/limits/timeout wrong_type");
    step(bad, "just text", " wrong_type");
    step(bad, "{action: a.b}", "/name missing");
    step(bad, "{name: A, action: a.b}", "/name bad_name");
    step(bad, "{name: a}", " no_work");
    step(bad, "{name: a, action: a.b, model: gpt-5, prompt: x}", " two_works");
    step(bad, "{name: a, action: nodot}", "/action bad_action");
    step(bad, "{name: a, action: a.b, with: text}", "/with wrong_type");
    step(bad, "{name: a, action: a.b, prompt: x}", "/prompt not_here");
    step(bad, "{name: a, action: a.b, tiemout: 1s}", "/tiemout unknown_member");
    step(bad, "{name: a, action: a.b, timeout: 90}", "/timeout wrong_type");
    step(bad, "{name: a, action: a.b, when: 5}", "/when wrong_type");
    step(bad, "{name: a, action: a.b, when: }", "/when wrong_type");
    step(bad, "{name: a, action: a.b, retry: {}}", "/retry/times missing");
    step(bad, "{name: a, action: a.b, retry: {times: 21}}", "/retry/times out_of_range");
    step(bad, "{name: a, action: a.b, retry: {times: \"3\"}}", "/retry/times wrong_type");
    step(
        bad,
        "{name: a, action: a.b, retry: {times: 1, factor: 0.5}}",
        "/retry/factor out_of_range");
    step(bad, "{name: a, action: a.b, retry: {times: 1, on: [5]}}", "/retry/on wrong_type");
    step(bad, "{name: a, action: a.b, on_error: ignore}", "/on_error wrong_value");
    step(bad, "{name: a, wait: {for: 1s}, retry: {times: 1}}", "/retry not_here");
    step(bad, "{name: a, approve: {message: x}, retry: {times: 1}}", "/retry not_here");
    step(bad, "{name: a, wait: {}}", "/wait wrong_value");
    step(bad, "{name: a, wait: {for: 1s, until: x}}", "/wait wrong_value");
    step(bad, "{name: a, wait: {for: soon}}", "/wait/for wrong_type");
    step(bad, "{name: a, approve: {}}", "/approve/message missing");
    step(bad, "{name: a, approve: {role: boss, message: x}}", "/approve/role wrong_value");
    step(bad, "{name: a, model: gpt-5}", " no_prompt");
    step(bad, "{name: a, model: gpt-5, prompt: x, messages: []}", " no_prompt");
    step(
        bad,
        "{name: a, model: gpt-5, messages: [{role: system, content: x}]}",
        "/messages/0 bad_message");
    step(bad, "{name: a, model: gpt-5, prompt: x, rounds: 33}", "/rounds out_of_range");
    step(bad, "{name: a, model: gpt-5, prompt: x, tools: [search]}", "/tools/0 bad_action");
    step(bad, "{name: a, branch: {when: 'true'}}", "/branch/then missing");
    step(bad, "{name: a, branch: {then: [{name: b, action: a.b}]}}", "/branch/when missing");
    step(bad, "{name: a, each: {steps: [{name: b, action: a.b}]}}", "/each/over missing");
    step(bad, "{name: a, each: {over: [], steps: []}}", "/each/steps empty");
    step(bad, "{name: a, parallel: {}}", "/parallel out_of_range");
    step(bad, "{name: a, parallel: {Way: [{name: b, action: a.b}]}}", "/parallel/Way bad_name");
    return bad;
  }

  private static void step(Map<String, String> bad, String step, String told) {
    bad.put("name: sample\nsteps:\n  - " + step, "/steps/0" + told);
  }

  /** A scope of one input and some results. */
  static final class Seen implements Scope {

    final List<String> asked = new ArrayList<>();
    private final JsonNode input;
    private final Map<String, JsonNode> results = new HashMap<>();
    private JsonNode item;

    Seen(String input) {
      this.input = json(input);
    }

    Seen step(String name, String result) {
      results.put(name, json(result));
      return this;
    }

    Seen item(String json) {
      item = json(json);
      return this;
    }

    @Override
    public JsonNode input() {
      return input;
    }

    @Override
    public Set<String> steps() {
      return new TreeSet<>(results.keySet());
    }

    @Override
    public JsonNode step(String name) {
      asked.add(name);
      return results.get(name);
    }

    @Override
    public JsonNode item() {
      return item;
    }

    @Override
    public int index() {
      return item == null ? -1 : 3;
    }

    @Override
    public JsonNode run() {
      return json("{\"id\":\"run_1\",\"started_at\":\"2026-01-01T00:00:00Z\"}");
    }
  }

  /** Plugins, models and pipelines that are there. */
  static final class Shelf implements Palette {

    private final Map<String, Map<String, Offer>> plugins = new HashMap<>();
    private final Map<String, Definition> pipelines = new HashMap<>();

    Shelf action(String plugin, String action, String schema) {
      return offer(plugin, action, new Offer((ObjectNode) json(schema), null, true, null));
    }

    Shelf offer(String plugin, String action, Offer offer) {
      plugins.computeIfAbsent(plugin, any -> new HashMap<>()).put(action, offer);
      return this;
    }

    Shelf pipeline(Definition definition) {
      pipelines.put(definition.name(), definition);
      return this;
    }

    @Override
    public Set<String> plugins() {
      return plugins.keySet();
    }

    @Override
    public Set<String> actions(String plugin) {
      return plugins.getOrDefault(plugin, Map.of()).keySet();
    }

    @Override
    public Optional<Offer> offer(String plugin, String action) {
      return Optional.ofNullable(plugins.getOrDefault(plugin, Map.of()).get(action));
    }

    @Override
    public boolean servesModel(String model) {
      return model.equals("gpt-5");
    }

    @Override
    public Optional<Definition> pipeline(String name) {
      return Optional.ofNullable(pipelines.get(name));
    }
  }
}
