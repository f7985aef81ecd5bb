package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.Thinking.Effort;

/** Says the settings of a request to a model of Anthropic's. */
final class AnthropicSettings {

  private static final int MIN_BUDGET_TOKENS = 1024;

  private final ProtocolPair pair;
  private final ClaudeModel model;
  private final UpstreamOptions options;

  AnthropicSettings(ProtocolPair pair, ClaudeModel model, UpstreamOptions options) {
    this.pair = pair;
    this.model = model;
    this.options = options;
  }

  /** Anthropic wants to be told a limit. */
  void limit(ChatRequest request, ObjectNode body) {
    Param.Given given = request.params.get(Param.MAX_TOKENS);
    if (given == null) {
      body.put("max_tokens", options.maxTokens());
      return;
    }
    int most = model.maxOutputTokens();
    if (most > 0 && given.value().asLong() > most) {
      pair.replace(given.field(), String.valueOf(most), "ask for at most " + most + " tokens");
      body.put("max_tokens", most);
    } else {
      body.set("max_tokens", given.value());
    }
  }

  /**
   * A model that thinks cannot be made to call a tool or to go on with a text, and one that is told
   * a budget wants to see what it thought before it called the tools whose results are being told
   * now.
   *
   * @param hasThoughts whether it will see them
   */
  void thinking(ChatRequest request, boolean hasThoughts, ObjectNode body) {
    Thinking thinking = request.thinking;
    if (thinking == null) {
      return;
    }
    if (thinking.isOff()) {
      noThinking(thinking, body);
      return;
    }
    boolean forced = request.toolChoice.isRequired() || request.endsWithAssistant();
    if (!model.thinks() || options.isPlain() || forced && !model.adapts()) {
      pair.leaveOut(thinking.field());
    } else if (model.adapts()) {
      adaptive(thinking, forced, body);
    } else if (hasThoughts) {
      budget(request, thinking, body);
    } else {
      pair.leaveOut(thinking.field());
    }
  }

  /** The older models do not think unless they are asked to. */
  private void noThinking(Thinking thinking, ObjectNode body) {
    if (!model.thinksUnasked()) {
      return;
    }
    String word = options.isPlain() ? null : model.wordForNoThinking();
    if (word == null) {
      pair.leaveOut(thinking.field());
      return;
    }
    if (!word.equals(ClaudeModel.NO_THINKING)) {
      pair.replace(thinking.field(), word, "ask for low");
    }
    body.putObject("thinking").put("type", word);
  }

  private void adaptive(Thinking thinking, boolean forced, ObjectNode body) {
    if (!forced) {
      ObjectNode said = body.putObject("thinking").put("type", "adaptive");
      if (model.hidesThoughts()) {
        said.put("display", "summarized");
      }
    }
    Effort wanted = thinking.nearestEffort();
    if (wanted == null) {
      return;
    }
    Effort said = model.effort(wanted);
    if (said == Effort.HIGH && wanted == Effort.XHIGH) {
      pair.replace(thinking.field(), said.word(), "ask for " + said.word());
    }
    body.withObject("/output_config").put("effort", said.word());
  }

  /** Anthropic's models have no word for it. */
  void verbosity(ChatRequest request) {
    if (request.verbosity != null && !request.verbosity.level().equals("medium")) {
      pair.leaveOut(request.verbosity.field());
    }
  }

  /** The budget is a part of the limit, and leaves a quarter of it for the answer. */
  private void budget(ChatRequest request, Thinking thinking, ObjectNode body) {
    int budget = Math.max(MIN_BUDGET_TOKENS, thinking.nearestBudget());
    long limit = body.path("max_tokens").asLong();
    if (!request.params.containsKey(Param.MAX_TOKENS)) {
      body.put("max_tokens", limit + budget);
    } else if (budget > limit * 3 / 4) {
      budget = (int) (limit * 3 / 4);
    }
    if (budget < MIN_BUDGET_TOKENS) {
      pair.leaveOut(thinking.field());
      return;
    }
    body.putObject("thinking").put("type", "enabled").put("budget_tokens", budget);
  }

  /** Comes after the thinking, which the settings have to agree with. */
  void sampling(ChatRequest request, ObjectNode body) {
    boolean free = model.takesSampling() && !body.has("thinking");
    request.params.forEach(
        (param, given) -> {
          switch (param) {
            case MAX_TOKENS -> {
              // Said before.
            }
            case STOP -> stop(given, body);
            case TEMPERATURE -> temperature(given, free, body);
            case TOP_P -> topP(given, free, body);
            case TOP_K -> take("top_k", given, free, body);
            case SEED, MIN_P, REPEAT_PENALTY -> pair.leaveOut(given.field());
            case FREQUENCY_PENALTY, PRESENCE_PENALTY -> {
              if (given.value().asDouble() != 0) {
                pair.leaveOut(given.field());
              }
            }
          }
        });
  }

  private void temperature(Param.Given given, boolean free, ObjectNode body) {
    if (!free && given.value().asDouble() == 1) {
      return;
    }
    if (free && given.value().asDouble() > 1) {
      pair.replace(given.field(), "1", "stay between 0 and 1");
      body.set("temperature", DoubleNode.valueOf(1));
      return;
    }
    take("temperature", given, free, body);
  }

  private void topP(Param.Given given, boolean free, ObjectNode body) {
    boolean silent = given.value().asDouble() == 1 && (!free || body.has("temperature"));
    if (!silent) {
      take("top_p", given, free && !(model.takesOneSampling() && body.has("temperature")), body);
    }
  }

  private void take(String name, Param.Given given, boolean free, ObjectNode body) {
    if (free) {
      body.set(name, given.value());
    } else {
      pair.leaveOut(given.field());
    }
  }

  /** Anthropic does not stop at white space alone. */
  private void stop(Param.Given given, ObjectNode body) {
    ArrayNode sequences = Json.MAPPER.createArrayNode();
    for (JsonNode sequence : given.value()) {
      if (sequence.textValue().isBlank()) {
        pair.leaveOut(given.field());
      } else {
        sequences.add(sequence);
      }
    }
    if (!sequences.isEmpty()) {
      body.set("stop_sequences", sequences);
    }
  }
}
