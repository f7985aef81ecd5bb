package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.service.protocol.ChatRequest.Format;
import io.mimir.llm.service.protocol.Thinking.Effort;

/** Reads OpenAI's chat completions. */
final class OpenAiChatRequestReader implements RequestReader {

  private final ProtocolPair pair;

  OpenAiChatRequestReader(ProtocolPair pair) {
    this.pair = pair;
  }

  @Override
  public ChatRequest read(Fields body) {
    ChatRequest request = new ChatRequest();
    body.ignore("model", "prompt_cache_key");
    request.streamed = body.flag("stream", false);
    Fields streaming = body.object("stream_options");
    if (streaming != null) {
      request.usageAsked = streaming.flag("include_usage", false);
      streaming.ignore("include_obfuscation").done();
    }
    var messages = new OpenAiChatMessageReader(pair, request);
    body.objects("messages").forEach(messages::message);
    new OpenAiChatToolReader(pair, request).read(body);
    request.format = format(body);
    params(body, request);
    thinking(body, request);
    verbosity(body, request);
    body.only("n", "1")
        .hint(FieldRules.hints(OpenAiChatFields.RULES))
        .hintUnless("top_logprobs", "0")
        .hintUnless("modalities", "[\"text\"]")
        .hintUnless("service_tier", "\"auto\"", "\"default\"");
    body.done();
    return request;
  }

  private static void params(Fields body, ChatRequest request) {
    // The newer name holds where a client gives both.
    Param.MAX_TOKENS.read(body, "max_tokens", request);
    Param.MAX_TOKENS.read(body, "max_completion_tokens", request);
    Param.TEMPERATURE.read(body, "temperature", request);
    Param.TOP_P.read(body, "top_p", request);
    Param.TOP_K.read(body, "top_k", request);
    Param.MIN_P.read(body, "min_p", request);
    Param.REPEAT_PENALTY.read(body, "repetition_penalty", request);
    Param.STOP.read(body, "stop", request);
    Param.SEED.read(body, "seed", request);
    Param.FREQUENCY_PENALTY.read(body, "frequency_penalty", request);
    Param.PRESENCE_PENALTY.read(body, "presence_penalty", request);
  }

  /** OpenAI has an effort; OpenRouter's object and Anthropic's budget are known too. */
  private static void thinking(Fields body, ChatRequest request) {
    effort(body, "reasoning_effort", request);
    Fields reasoning = body.object("reasoning");
    if (reasoning != null) {
      effort(reasoning, "effort", request);
      int budget = tokens(reasoning, "max_tokens");
      Boolean enabled = reasoning.said("enabled");
      if (request.thinking == null && (budget > 0 || enabled != null)) {
        boolean off = Boolean.FALSE.equals(enabled);
        request.thinking = new Thinking("reasoning", off ? Effort.NONE : null, budget);
      }
      reasoning.hint("exclude", "summary").done();
    }
    Fields thinking = body.object("thinking");
    if (thinking != null) {
      boolean off = thinking.neededText("type").equals("disabled");
      int budget = tokens(thinking, "budget_tokens");
      if (request.thinking == null) {
        request.thinking = new Thinking("thinking", off ? Effort.NONE : null, budget);
      }
      thinking.ignore("display").done();
    }
  }

  private static int tokens(Fields owner, String name) {
    JsonNode tokens = owner.take(name);
    return tokens == null ? 0 : Math.max(0, tokens.asInt());
  }

  private static void effort(Fields owner, String name, ChatRequest request) {
    String word = owner.text(name);
    Effort effort = word == null ? null : Effort.of(word);
    if (effort != null) {
      request.thinking = Thinking.ofEffort(owner.path(name), effort);
    } else if (word != null) {
      owner.leaveOut(name);
    }
  }

  private static void verbosity(Fields body, ChatRequest request) {
    String level = body.text("verbosity");
    if (level != null) {
      request.verbosity = new ChatRequest.Verbosity("verbosity", level);
    }
  }

  private static Format format(Fields body) {
    Fields format = body.object("response_format");
    return format == null ? null : Schemas.form(format, OpenAiChatRequestReader::schema);
  }

  private static Format schema(Fields format) {
    Fields wrapper = format.neededObject("json_schema");
    ObjectNode schema = wrapper.tree("schema");
    if (schema == null) {
      // OpenAI takes a format without a schema: any object will do.
      wrapper.ignore("name", "strict", "description").done();
      return new Format(format.path(), null, false);
    }
    Format read = Schemas.format(wrapper, format.path());
    wrapper.done();
    return read;
  }
}
