package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.ChatRequest.Part;
import io.mimir.llm.service.protocol.ChatRequest.Role;
import io.mimir.llm.service.protocol.Thinking.Effort;
import java.util.List;

/** Reads what Ollama's chat and generate have in common. */
abstract class OllamaRequestReader implements RequestReader {

  private final ProtocolPair pair;

  OllamaRequestReader(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public final ChatRequest read(Fields body) {
    ChatRequest request = new ChatRequest();
    body.ignore("model", "keep_alive").hintUnless("truncate", "true").hintUnless("shift", "true");
    request.streamed = body.flag("stream", true);
    request.format = format(body);
    thinking(body, request);
    Fields options = body.object("options");
    if (options != null) {
      options(options, request);
    }
    body.only("logprobs", "false").only("top_logprobs", "0");
    // Some of Ollama's clients say it although Ollama does not know it.
    body.hintUnless("tool_choice", "\"auto\"");
    said(body, request);
    body.done();
    return request;
  }

  /** What is asked. */
  abstract void said(Fields body, ChatRequest request);

  private static Format format(Fields body) {
    JsonNode format = body.take("format");
    if (format == null || format.isTextual() && format.textValue().isEmpty()) {
      return null;
    }
    if (format instanceof ObjectNode schema) {
      return new Format("format", schema, true);
    }
    if (format.isTextual() && format.textValue().equals("json")) {
      return new Format("format", null, true);
    }
    throw body.invalid("format", "must be json or a schema");
  }

  /** A word of Ollama's that is not known, of a later version say, asks for thoughts at least. */
  private static void thinking(Fields body, ChatRequest request) {
    JsonNode think = body.take("think");
    if (think == null) {
      return;
    }
    if (!think.isBoolean() && !think.isTextual()) {
      throw body.invalid("think", "must be true, false, low, medium or high");
    }
    Effort effort = think.isTextual() ? Effort.of(think.textValue()) : null;
    if (think.isBoolean() && !think.booleanValue()) {
      effort = Effort.NONE;
    } else if (think.isTextual() && effort == null) {
      body.leaveOut("think");
    }
    request.thinking = new Thinking("think", effort, 0);
    request.thoughtsShown = effort != Effort.NONE;
  }

  /**
   * Most of those that are left out tell the machine how to run a model, and not what to answer.
   */
  private static void options(Fields options, ChatRequest request) {
    limit(options, request);
    Param.TEMPERATURE.read(options, "temperature", request);
    Param.TOP_P.read(options, "top_p", request);
    Param.TOP_K.read(options, "top_k", request);
    Param.MIN_P.read(options, "min_p", request);
    Param.STOP.read(options, "stop", request);
    Param.SEED.read(options, "seed", request);
    Param.FREQUENCY_PENALTY.read(options, "frequency_penalty", request);
    Param.PRESENCE_PENALTY.read(options, "presence_penalty", request);
    Param.REPEAT_PENALTY.read(options, "repeat_penalty", request);
    // Of the others, each is left out and named.
    options.done();
  }

  /** Below zero means that there is no limit. */
  private static void limit(Fields options, ChatRequest request) {
    Param.MAX_TOKENS.read(options, "num_predict", request);
    Param.Given given = request.params.get(Param.MAX_TOKENS);
    if (given != null && given.value().asLong() < 0) {
      request.params.remove(Param.MAX_TOKENS);
    }
  }

  final void images(Fields owner, List<Part> parts) {
    int number = 0;
    for (String image : owner.texts("images")) {
      String field = owner.path("images") + "[" + number++ + "]";
      parts.add(
          image.startsWith("data:")
              ? Images.ofUrl(pair, field, image)
              : Images.ofBase64(pair, field, image));
    }
  }

  final void add(ChatRequest request, Fields owner, Role role, List<Part> parts) {
    request.add(owner.path(), role, parts);
  }
}
