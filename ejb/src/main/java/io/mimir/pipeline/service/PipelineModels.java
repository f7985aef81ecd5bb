package io.mimir.pipeline.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.RunStatus;
import io.mimir.pipeline.service.language.Definition;
import io.mimir.pipeline.service.language.Step;
import io.mimir.pipeline.service.run.RunEvent;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.service.run.RunLostException;
import io.mimir.pipeline.service.run.RunStore;
import io.mimir.pipeline.service.run.RunWrite;
import io.mimir.security.Role;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.ModelSource;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Pipelines as models: {@code pipeline/<name>}. What the client says last is the input where it is
 * a JSON object; else the input is {@code {prompt, messages}}. The answer is the text that the run
 * gives, or its JSON.
 */
@ApplicationScoped
public class PipelineModels implements ModelSource {

  private static final String PREFIX = "pipeline/";

  @Inject StoredDefinitions stored;
  @Inject RunDefinitions definitions;
  @Inject RunStarts starts;
  @Inject RunDispatch dispatch;
  @Inject RunFeed feed;
  @Resource ManagedExecutorService executor;

  @Override
  public boolean has(String model) {
    return model.startsWith(PREFIX);
  }

  @Override
  public List<String> models(Identity caller) {
    if (!caller.has(Role.USER)) {
      return List.of();
    }
    return stored.all().stream()
        .filter(one -> RunRights.mayRun(caller, one) && isAllowed(caller, PREFIX + one.getName()))
        .filter(
            one ->
                definitions
                    .newestOf(one)
                    .filter(definition -> !definition.asksPeople())
                    .isPresent())
        .map(one -> PREFIX + one.getName())
        .toList();
  }

  @Override
  public Runnable ask(Question question, Listener listener) {
    Identity caller = question.caller();
    Pipeline pipeline =
        stored
            .named(question.model().substring(PREFIX.length()))
            .filter(one -> caller.has(Role.USER))
            .filter(one -> RunRights.mayRun(caller, one) && isAllowed(caller, question.model()))
            .orElseThrow(
                () ->
                    new ProblemException(
                        Problem.MODEL_NOT_FOUND,
                        "There is no such pipeline that you may run: GET /api/v1/pipelines"));
    Definition definition =
        definitions.newestOf(pipeline).orElseThrow(() -> ProblemException.notFound("revision"));
    if (definition.asksPeople()) {
      throw new ProblemException(
          Problem.REFUSED,
          "This pipeline waits for a person, and is no model: run it under Pipelines");
    }
    String run =
        starts.start(
            caller, pipeline, new RunStarts.Wish(input(question.chat()), null, "model", null));
    Following following = new Following(run, lastModel(definition), question, listener);
    following.begin();
    return following::cancel;
  }

  private static boolean isAllowed(Identity caller, String model) {
    return caller.models().isEmpty() || caller.models().contains(model);
  }

  /** The step whose words are the answer; null when it is no model. */
  private static String lastModel(Definition definition) {
    List<Step> steps = definition.steps();
    Step last = steps.get(steps.size() - 1);
    return definition.output() == null
            && last.work() instanceof Step.Model model
            && model.answer() == null
        ? last.name()
        : null;
  }

  private static JsonNode input(JsonNode chat) {
    JsonNode messages = chat.path("messages");
    String said = messages.isEmpty() ? "" : text(messages.get(messages.size() - 1).path("content"));
    try {
      if (RunJson.read(said.getBytes(StandardCharsets.UTF_8)) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      // It is plain text, as most of what is said.
    }
    ObjectNode input = RunJson.object().put("prompt", said);
    return input.set("messages", messages);
  }

  /** The text of a content, which may be a list of parts. */
  private static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.textValue();
    }
    StringBuilder text = new StringBuilder();
    content.forEach(part -> text.append(part.path("text").asText("")));
    return text.toString();
  }

  /** One run whose end somebody waits for; no thread does. */
  private final class Following {

    private final String run;
    private final String speaker;
    private final Question question;
    private final Listener listener;
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Runnable watcher = this::grown;
    private volatile boolean spoken;

    Following(String run, String speaker, Question question, Listener listener) {
      this.run = run;
      this.speaker = speaker;
      this.question = question;
      this.listener = listener;
    }

    void begin() {
      if (question.streamed() && speaker != null) {
        feed.listen(run, this::heard);
      }
      feed.watch(run, watcher);
      grown();
    }

    private void heard(RunFeed.Said said) {
      if (said.path().equals(speaker)) {
        spoken = true;
        listener.said(said.piece());
      }
    }

    private void grown() {
      if (looking.compareAndSet(false, true)) {
        executor.execute(this::look);
      }
    }

    private void look() {
      looking.set(false);
      RunStore.Row row = dispatch.runs().find(run).orElse(null);
      if ((row == null || row.facts().status().isFinal()) && over.compareAndSet(false, true)) {
        feed.unwatch(run, watcher);
        feed.listenNoMore(run);
        conclude(row);
      }
    }

    private void conclude(RunStore.Row row) {
      if (row == null || row.facts().status() != RunStatus.SUCCEEDED) {
        String why = row == null ? "The run is gone" : row.error().path("message").asText();
        listener.failed(new ProblemException(Problem.PROVIDER_ERROR, why));
        return;
      }
      JsonNode output = dispatch.values().load(run, row.output());
      String whole =
          output.isTextual()
              ? output.textValue()
              : output.path("text").isTextual()
                  ? output.get("text").textValue()
                  : RunJson.text(output);
      listener.ended(spoken ? "" : whole, row.inputTokens(), row.outputTokens());
    }

    /** A client that leaves wants no run either. */
    void cancel() {
      if (over.get()) {
        return;
      }
      try {
        dispatch
            .journal()
            .append(
                RunWrite.from(run)
                    .event(
                        RunEvent.Kind.CANCELLING, null, 0, RunJson.object().put("by", "client")));
        dispatch.dispatcher().cancelled(run);
      } catch (RunLostException e) {
        // It has just ended by itself.
      }
    }
  }
}
