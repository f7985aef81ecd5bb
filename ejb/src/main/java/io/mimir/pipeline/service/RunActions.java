package io.mimir.pipeline.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;
import io.mimir.llm.Prompt;
import io.mimir.pipeline.Pipeline;
import io.mimir.pipeline.service.run.ActionCalls;
import io.mimir.pipeline.service.run.Engine;
import io.mimir.pipeline.service.run.RunControl;
import io.mimir.pipeline.service.run.RunJson;
import io.mimir.pipeline.service.run.StepFailure;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.service.CallContext;
import io.mimir.plugin.service.PluginActions;
import io.mimir.plugin.service.PluginCallException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;

/** Calls actions of plugins for runs, with the rights of whoever a run works for. */
@ApplicationScoped
public class RunActions implements ActionCalls {

  private static final int LONGEST_MESSAGE = 500;

  /** The plugin that asks models by itself is no way round the limits of a token. */
  private static final String LLM = "llm";

  @Inject PluginActions plugins;
  @Inject StoredDefinitions stored;
  @Inject RunRights rights;

  @Override
  public boolean isIdempotent(String plugin, String action) {
    return plugins
        .find(plugin)
        .flatMap(one -> one.action(action))
        .map(Manifest.Action::idempotent)
        .orElse(false);
  }

  @Override
  public byte[] call(Call call, RunControl control) throws StepFailure {
    if (!rights.of(call.run()).models().isEmpty() && call.plugin().equals(LLM)) {
      throw StepFailure.lasting(
          "forbidden",
          "The access token of this run may ask some models only: use a model step, not llm");
    }
    List<String> addresses =
        stored.find(call.run().pipelineId()).map(Pipeline::getAllowedAddresses).orElse(List.of());
    CallContext context =
        new CallContext(
            call.patience(),
            call.run().pipelineId(),
            addresses,
            call.idempotencyKey(),
            control::hasEnded);
    try {
      return plugins.call(call.plugin(), call.action(), call.input(), context);
    } catch (PluginCallException e) {
      throw failure(e);
    } catch (ProblemException e) {
      throw e.retryAfter().isPresent()
          ? StepFailure.passing(e.problem().code(), e.getMessage())
          : StepFailure.lasting(e.problem().code(), e.getMessage());
    }
  }

  private static StepFailure failure(PluginCallException e) {
    return switch (e.kind()) {
      case UNKNOWN_ACTION -> StepFailure.lasting("unknown_action", e.getMessage());
      case NOT_RUNNING -> StepFailure.passing("not_running", e.getMessage());
      case BAD_INPUT -> StepFailure.lasting("bad_input", said(e, "message", e.getMessage()));
      case REFUSED -> refused(e);
      case BUSY -> StepFailure.passing("plugin_busy", e.getMessage());
      case CRASHED -> StepFailure.passing("plugin_crashed", e.getMessage());
      case DEADLINE -> StepFailure.passing("timeout", e.getMessage());
      case STOPPING -> StepFailure.passing("draining", e.getMessage());
    };
  }

  /** The plugin's own word, and whether it says that another attempt may go better. */
  private static StepFailure refused(PluginCallException e) {
    String code = said(e, "code", "refused").replaceAll("[^a-z0-9_]", "_");
    String message = said(e, "message", e.getMessage());
    return detail(e).path("retryable").asBoolean(false)
        ? StepFailure.passing(code, message)
        : StepFailure.lasting(code, message);
  }

  private static String said(PluginCallException e, String member, String usual) {
    String text = detail(e).path(member).asText("").replaceAll("[\\p{Cc}\\p{Cf}]", " ").strip();
    if (text.isEmpty()) {
      return usual;
    }
    return text.length() > LONGEST_MESSAGE ? text.substring(0, LONGEST_MESSAGE) : text;
  }

  private static JsonNode detail(PluginCallException e) {
    try {
      return e.detail().length == 0 ? RunJson.object() : RunJson.read(e.detail());
    } catch (IOException unreadable) {
      // It said nothing that could be shown.
      return RunJson.object();
    }
  }

  /** What a model is told of an action; null when there is none. */
  Prompt.Tool tool(String plugin, String action) {
    return plugins
        .find(plugin)
        .flatMap(one -> one.action(action))
        .map(
            found -> {
              ObjectNode schema = PipelinePalette.schema(found.inputSchema());
              return new Prompt.Tool(
                  Engine.toolName(plugin, action),
                  found.description(),
                  RunJson.text(schema == null ? RunJson.object().put("type", "object") : schema));
            })
        .orElse(null);
  }
}
