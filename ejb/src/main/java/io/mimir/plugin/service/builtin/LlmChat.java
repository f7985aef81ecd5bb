package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Prompt;
import io.mimir.llm.Prompt.Speaker;
import io.mimir.llm.Prompt.Turn;
import io.mimir.llm.Provider;
import io.mimir.llm.Reply;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.upstream.service.ModelCall;
import io.mimir.upstream.service.ModelCalls;
import io.mimir.usage.CallSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a model with one of the keys, as the chat does: the key is lent for this call, and its
 * limits and its health count.
 */
@ApplicationScoped
public class LlmChat implements BuiltinPlugin {

  @Inject ModelCatalog catalog;
  @Inject ModelCalls calls;

  @Override
  public String name() {
    return "llm";
  }

  @Override
  public ObjectNode call(String action, Settings settings, ObjectNode input, Deadline deadline)
      throws PluginCallException {
    try {
      return ask(chosen(settings, input), settings, input, deadline);
    } catch (ProblemException e) {
      throw refusalOf(e);
    }
  }

  private static PluginCallException refusalOf(ProblemException problem) {
    if (problem.problem() == Problem.DRAINING) {
      return new PluginCallException(PluginCallException.Kind.STOPPING, problem.getMessage());
    }
    String code = problem.problem().code();
    return problem.retryAfter().isPresent()
        ? Refusals.refusedForNow(code, problem.getMessage())
        : Refusals.refused(code, problem.getMessage());
  }

  /** The model of the call, else the configured one, else the only one that suggests itself. */
  private ModelRef chosen(Settings settings, ObjectNode input) throws PluginCallException {
    if (!input.path("model").asText("").isEmpty()) {
      return named(settings, input.path("model").asText());
    }
    String model = settings.text("model").orElse("");
    if (!model.isEmpty()) {
      return ref(settings, model);
    }
    return catalog
        .defaultModel(provider(settings))
        .orElseThrow(
            () ->
                Refusals.refused(
                    "missing_model",
                    "Say which model to ask, with the call or in the configuration: GET"
                        + " /api/v1/models lists them"));
  }

  /** A model that names its provider need not be of the configured one. */
  private ModelRef named(Settings settings, String model) {
    return ModelRef.of(null, model).provider() != null
        ? catalog.resolve(new ModelRef(null, model))
        : ref(settings, model);
  }

  private ModelRef ref(Settings settings, String model) {
    return catalog.resolve(new ModelRef(provider(settings), model));
  }

  private static Provider provider(Settings settings) {
    return settings.text("provider").flatMap(Provider::ofWire).orElse(null);
  }

  private ObjectNode ask(ModelRef model, Settings settings, ObjectNode input, Deadline deadline)
      throws PluginCallException {
    List<String> system = new ArrayList<>();
    List<Turn> turns = turns(input, system);
    String configured = settings.text("system").orElse("");
    String above = input.path("system").asText(configured);
    if (!above.isEmpty()) {
      system.add(0, above);
    }
    JsonNode most = settings.open().path("max_tokens");
    deadline.check();
    Duration left = deadline.left();
    Prompt prompt =
        new Prompt(
            model.name(),
            system.isEmpty() ? null : String.join("\n\n", system),
            turns,
            most.isInt() ? Integer.valueOf(most.intValue()) : null);
    ModelCall call =
        calls.ask(
            new ModelCalls.Question(
                model, prompt, CallSource.UNKNOWN, 0, provider -> true, left, false),
            piece -> {});
    return result(reply(call, left), call.source());
  }

  /**
   * @param left how long the call may take, whatever the key allows
   */
  private static Reply reply(ModelCall call, Duration left) throws PluginCallException {
    try {
      return call.reply().get(left.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      call.cancel();
      throw Deadline.passed();
    } catch (InterruptedException e) {
      call.cancel();
      Thread.currentThread().interrupt();
      throw Refusals.refusedForNow("cancelled", "The call was cancelled");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ProblemException problem) {
        throw refusalOf(problem);
      }
      throw new IllegalStateException("A call of a model failed in a way that it should not");
    }
  }

  /**
   * @param system takes what the messages say to the model itself
   */
  private static List<Turn> turns(ObjectNode input, List<String> system)
      throws PluginCallException {
    if (input.has("prompt") == input.has("messages")) {
      throw Refusals.badInput("Give either a prompt or messages");
    }
    if (input.has("prompt")) {
      return List.of(new Turn(Speaker.USER, input.get("prompt").asText()));
    }
    List<Turn> turns = new ArrayList<>();
    for (JsonNode message : input.get("messages")) {
      String content = message.get("content").asText();
      String role = message.get("role").asText();
      if (role.equals("system")) {
        system.add(content);
      } else {
        turns.add(new Turn(Speaker.valueOf(role.toUpperCase(Locale.ROOT)), content));
      }
    }
    if (turns.isEmpty() || turns.get(turns.size() - 1).speaker() != Speaker.USER) {
      throw Refusals.badInput("The last of the messages has to be the user's");
    }
    return turns;
  }

  private static ObjectNode result(Reply reply, ModelCall.Source source) {
    ObjectNode result =
        Builtins.JSON
            .createObjectNode()
            .put("text", reply.text())
            .put("model", reply.model())
            .put("provider", source.provider().wire())
            .put("key_name", source.keyName());
    result
        .putObject("usage")
        .put("input_tokens", reply.usage().inputTokens())
        .put("output_tokens", reply.usage().outputTokens());
    return result;
  }
}
