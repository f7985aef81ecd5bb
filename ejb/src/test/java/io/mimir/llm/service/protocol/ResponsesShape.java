package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * The members that a response and its items have to have, as facts from two published schemas: that
 * of OpenAI (openai-openapi) and of Open Responses (openresponses.org). What a value may be besides
 * null is told by a word.
 */
final class ResponsesShape {

  private static final Map<String, String> RESPONSE =
      Map.ofEntries(
          Map.entry("id", "text"),
          Map.entry("object", "text"),
          Map.entry("created_at", "whole"),
          Map.entry("completed_at", "whole?"),
          Map.entry("status", "text"),
          Map.entry("incomplete_details", "object?"),
          Map.entry("model", "text"),
          Map.entry("previous_response_id", "text?"),
          Map.entry("instructions", "text?"),
          Map.entry("output", "array"),
          Map.entry("error", "object?"),
          Map.entry("tools", "array"),
          Map.entry("tool_choice", "any"),
          Map.entry("truncation", "text"),
          Map.entry("parallel_tool_calls", "flag"),
          Map.entry("text", "object"),
          Map.entry("top_p", "number"),
          Map.entry("presence_penalty", "number"),
          Map.entry("frequency_penalty", "number"),
          Map.entry("top_logprobs", "whole"),
          Map.entry("temperature", "number"),
          Map.entry("reasoning", "object"),
          Map.entry("user", "text?"),
          Map.entry("usage", "object?"),
          Map.entry("max_output_tokens", "whole?"),
          Map.entry("max_tool_calls", "whole?"),
          Map.entry("store", "flag"),
          Map.entry("background", "flag"),
          Map.entry("service_tier", "text"),
          Map.entry("metadata", "object"),
          Map.entry("safety_identifier", "text?"),
          Map.entry("prompt_cache_key", "text?"));

  private static final Map<String, List<String>> ITEMS =
      Map.of(
          "message", List.of("id", "status", "role", "content"),
          "reasoning", List.of("id", "summary", "encrypted_content"),
          "function_call", List.of("id", "status", "call_id", "name", "arguments"),
          "custom_tool_call", List.of("id", "status", "call_id", "name", "input"),
          "local_shell_call", List.of("id", "status", "call_id", "action"),
          "shell_call", List.of("id", "status", "call_id", "action", "environment"),
          "apply_patch_call", List.of("id", "status", "call_id", "operation"),
          "tool_search_call", List.of("id", "status", "call_id", "execution", "arguments"));

  private ResponsesShape() {}

  static void check(JsonNode response) {
    RESPONSE.forEach((name, kind) -> member(response, name, kind));
    assertThat(response.path("object").asText()).isEqualTo("response");
    assertThat(response.at("/text/format/type").isTextual()).isTrue();
    for (String name : List.of("effort", "summary")) {
      assertThat(response.path("reasoning").has(name)).as(name).isTrue();
    }
    for (JsonNode tool : response.path("tools")) {
      assertThat(tool.path("type").isTextual()).isTrue();
      if (tool.path("type").asText().equals("function")) {
        for (String name : List.of("name", "description", "parameters", "strict")) {
          assertThat(tool.has(name)).as("tools[]." + name).isTrue();
        }
      }
    }
    response.path("output").forEach(ResponsesShape::item);
    String status = response.path("status").asText();
    if (status.equals("in_progress")) {
      return;
    }
    assertThat(response.path("completed_at").isNull()).isEqualTo(!status.equals("completed"));
    assertThat(response.path("incomplete_details").isNull()).isEqualTo(status.equals("completed"));
    for (String place :
        List.of(
            "/usage/input_tokens",
            "/usage/input_tokens_details/cached_tokens",
            "/usage/input_tokens_details/cache_write_tokens",
            "/usage/output_tokens",
            "/usage/output_tokens_details/reasoning_tokens",
            "/usage/total_tokens")) {
      assertThat(response.at(place).isIntegralNumber()).as(place).isTrue();
    }
  }

  static void item(JsonNode item) {
    List<String> members = ITEMS.get(item.path("type").asText());
    assertThat(members).as(item.toString()).isNotNull();
    for (String member : members) {
      assertThat(item.has(member)).as(item.path("type") + "." + member).isTrue();
    }
    for (JsonNode part : item.path("content")) {
      assertThat(part.path("type").asText()).isEqualTo("output_text");
      assertThat(part.path("text").isTextual()).isTrue();
      assertThat(part.path("annotations").isArray()).isTrue();
      assertThat(part.path("logprobs").isArray()).isTrue();
    }
    for (JsonNode part : item.path("summary")) {
      assertThat(part.path("type").asText()).isEqualTo("summary_text");
      assertThat(part.path("text").isTextual()).isTrue();
    }
  }

  private static void member(JsonNode owner, String name, String kind) {
    assertThat(owner.has(name)).as(name).isTrue();
    JsonNode value = owner.get(name);
    boolean orNull = kind.endsWith("?");
    boolean right =
        orNull && value.isNull()
            || switch (orNull ? kind.substring(0, kind.length() - 1) : kind) {
              case "text" -> value.isTextual();
              case "whole" -> value.isIntegralNumber();
              case "number" -> value.isNumber();
              case "flag" -> value.isBoolean();
              case "object" -> value.isObject();
              case "array" -> value.isArray();
              default -> !value.isNull();
            };
    assertThat(right).as(name + " is " + kind + ": " + value).isTrue();
  }
}
