package io.mimir.llm.service.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import java.time.Instant;

/**
 * The object around an answer in OpenAI's responses, which repeats what was asked for. Every member
 * is there, as the protocol's published shape has it: what was not said has the value that held.
 */
final class ResponsesObject {

  private static final String[] OR_NULL = {
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "prompt_cache_key",
    "safety_identifier",
    "user"
  };
  private static final String[] FUNCTION = {"description", "parameters", "strict"};

  private ResponsesObject() {}

  /** What the object repeats, for {@link #begun}. */
  static ObjectNode echo(Fields body) {
    ObjectNode echo = Json.object();
    for (String name : OR_NULL) {
      echo.set(name, body.peek(name));
    }
    echo.putNull("previous_response_id").put("background", false).put("store", false);
    echo.put("service_tier", "default").put("truncation", "disabled").put("top_logprobs", 0);
    number(body, "temperature", 1, echo);
    number(body, "top_p", 1, echo);
    number(body, "presence_penalty", 0, echo);
    number(body, "frequency_penalty", 0, echo);
    echo.put("parallel_tool_calls", body.flag("parallel_tool_calls", true));
    JsonNode choice = body.peek("tool_choice");
    echo.set("tool_choice", choice.isNull() ? echo.textNode("auto") : choice);
    echo.set("tools", tools(body.peek("tools")));
    echo.set("metadata", body.peek("metadata") instanceof ObjectNode given ? given : Json.object());
    echo.set("text", text(body.peek("text")));
    ObjectNode reasoning = echo.putObject("reasoning");
    JsonNode given = body.peek("reasoning");
    reasoning.set("effort", given.path("effort").isTextual() ? given.get("effort") : null);
    reasoning.set("summary", given.path("summary").isTextual() ? given.get("summary") : null);
    return echo;
  }

  private static void number(Fields body, String name, int otherwise, ObjectNode echo) {
    JsonNode given = body.peek(name);
    if (given.isNumber()) {
      echo.set(name, given);
    } else {
      echo.put(name, otherwise);
    }
  }

  private static ObjectNode text(JsonNode given) {
    ObjectNode text = given instanceof ObjectNode said ? said.deepCopy() : Json.object();
    if (!text.path("format").isObject()) {
      text.putObject("format").put("type", "text");
    }
    if (!text.path("verbosity").isTextual()) {
      text.put("verbosity", "medium");
    }
    return text;
  }

  private static ArrayNode tools(JsonNode given) {
    ArrayNode tools = Json.MAPPER.createArrayNode();
    for (JsonNode tool : given) {
      if (tool instanceof ObjectNode said && said.path("type").asText().equals("function")) {
        ObjectNode full = said.deepCopy();
        for (String name : FUNCTION) {
          if (!full.has(name)) {
            full.putNull(name);
          }
        }
        tools.add(full);
      } else {
        tools.add(tool);
      }
    }
    return tools;
  }

  /**
   * The object of an answer that is being made.
   *
   * @param output the items so far
   */
  static ObjectNode begun(
      ObjectNode echo, String id, String model, long created, ArrayNode output) {
    ObjectNode response = Json.object().put("id", id).put("object", "response");
    response.put("created_at", created).putNull("completed_at");
    response.put(ResponsesItems.STATUS, ResponsesItems.IN_PROGRESS).put("model", model);
    response.putNull("error").putNull("incomplete_details").putNull("usage");
    response.setAll(echo);
    response.set("output", output);
    return response;
  }

  /** Why an answer is not complete; null where it is. */
  static String whyCut(StopReason reason) {
    return switch (reason) {
      case LENGTH -> "max_output_tokens";
      case REFUSAL -> "content_filter";
      default -> null;
    };
  }

  /**
   * The same object at its end.
   *
   * @param cut why it is not complete; null where it is
   */
  static ObjectNode ended(ObjectNode response, String cut, TokenUsage usage) {
    response.put(ResponsesItems.STATUS, cut == null ? "completed" : "incomplete");
    if (cut == null) {
      response.put("completed_at", Instant.now().getEpochSecond());
    } else {
      response.putObject("incomplete_details").put("reason", cut);
    }
    long in = TokenUsage.known(usage.input());
    long out = TokenUsage.known(usage.output());
    ObjectNode counted = response.putObject("usage").put("input_tokens", in);
    ObjectNode details = counted.putObject("input_tokens_details");
    details.put("cached_tokens", TokenUsage.known(usage.cached()));
    details.put("cache_write_tokens", TokenUsage.known(usage.cacheWritten()));
    counted.put("output_tokens", out);
    counted
        .putObject("output_tokens_details")
        .put("reasoning_tokens", TokenUsage.known(usage.reasoning()));
    counted.put("total_tokens", in + out);
    return response;
  }
}
