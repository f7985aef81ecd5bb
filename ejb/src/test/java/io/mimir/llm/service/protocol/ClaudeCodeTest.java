package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Requests in the shape of Claude Code's, in words of our own, to providers of other protocols. */
class ClaudeCodeTest {

  private static final String REQUEST =
      """
      {"model":"claude-opus-4-8","max_tokens":32000,"stream":true,"temperature":1,
       "thinking":{"type":"adaptive","display":"summarized"},
       "output_config":{"effort":"high"},
       "context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},
       "metadata":{"user_id":"{\\"device_id\\":\\"d\\",\\"session_id\\":\\"s\\"}"},
       "service_tier":"auto","stop_sequences":["</done>"],
       "system":[
        {"type":"text","text":"x-billing: none"},
        {"type":"text","text":"You help.","cache_control":{"type":"ephemeral","ttl":"1h"}}],
       "messages":[
        {"role":"user","content":[
          {"type":"text","text":"<reminder>Be careful.</reminder>"},
          {"type":"text","text":"Look at it.","cache_control":{"type":"ephemeral"}}]},
        {"role":"assistant","content":[
          {"type":"thinking","thinking":"I look.","signature":"EqQBCgIYAhIM"},
          {"type":"redacted_thinking","data":"EmwKAhgB"},
          {"type":"text","text":"I will look."},
          {"type":"tool_use","id":"toolu_01A","name":"Read","input":{"file_path":"/a.png"}},
          {"type":"tool_use","id":"toolu_01B","name":"mcp__a_server_with_a_long_name__a_tool_with_a_long_name_too",
            "input":{},"caller":{"type":"direct"}}]},
        {"role":"user","content":[
          {"type":"tool_result","tool_use_id":"toolu_01A","content":[
            {"type":"text","text":"1 picture"},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBOR"}}]},
          {"type":"tool_result","tool_use_id":"toolu_01B","is_error":true,
            "content":"<tool_use_error>no</tool_use_error>","cache_control":{"type":"ephemeral"}}]},
        {"role":"system","content":"The user has opened a file."},
        {"role":"assistant","content":[
          {"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}},
          {"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]},
          {"type":"text","text":"Found.","citations":null}]},
        {"role":"user","content":"Go on."}],
       "tools":[
        {"name":"Read","description":"Reads","input_schema":{"$schema":"https://json-schema.org/x",
          "type":"object","properties":{"file_path":{"type":"string"}},"required":["file_path"],
          "additionalProperties":false},"strict":true,"eager_input_streaming":true,
          "defer_loading":false,"input_examples":[{"file_path":"/b"}]},
        {"name":"mcp__a_server_with_a_long_name__a_tool_with_a_long_name_too",
          "input_schema":{"type":"object"},"cache_control":{"type":"ephemeral","ttl":"1h"}},
        {"type":"web_search_20260209","name":"web_search","max_uses":8}],
       "tool_choice":{"type":"auto"}}
      """;

  @Test
  void itsRequestPassesToOpenAi() {
    Call call =
        Call.of(
            WireProtocol.ANTHROPIC_MESSAGES,
            WireProtocol.OPENAI_CHAT,
            REQUEST.replace("'", "\\u0027"));
    JsonNode messages = call.asked.path("messages");

    assertThat(messages.findValuesAsText("role"))
        .containsExactly(
            "system", "user", "assistant", "tool", "tool", "user", "system", "assistant", "user");
    assertThat(messages.path(0).path("content").asText()).isEqualTo("x-billing: none\n\nYou help.");
    assertThat(messages.path(2).path("tool_calls").findValuesAsText("id"))
        .containsExactly("toolu_01A", "toolu_01B");
    assertThat(messages.path(3).path("content").asText())
        .isEqualTo("1 picture\n(It has files, which follow.)");
    assertThat(messages.path(4).path("content").asText()).startsWith("Error: ");
    assertThat(messages.at("/5/content/1/image_url/url").asText())
        .isEqualTo("data:image/png;base64,iVBOR");
    assertThat(call.asked.path("tools")).hasSize(2);
    assertThat(call.asked.at("/tools/0/function/parameters").has("$schema")).isFalse();
    assertThat(call.asked.path("reasoning_effort").asText()).isEqualTo("high");
    assertThat(call.asked.path("max_tokens").asInt()).isEqualTo(32000);
    assertThat(call.asked.path("stop")).isEqualTo(Call.json("['</done>']"));
    assertThat(call.translation.leftOut())
        .containsExactlyInAnyOrder(
            "cache_control",
            "messages.content.server_tool_use",
            "messages.content.web_search_tool_result",
            "tools.eager_input_streaming",
            "tools.input_examples",
            "tools.web_search_20260209",
            "metadata",
            "context_management",
            "messages.content.thinking",
            "messages.content.redacted_thinking");
  }

  @Test
  void aNameThatIsTooLongIsTheClientsAgainInTheAnswer() throws Exception {
    String name = "mcp__" + "x".repeat(70);
    Call call =
        Call.of(
            WireProtocol.ANTHROPIC_MESSAGES,
            WireProtocol.OPENAI_CHAT,
            "{'max_tokens':9,'messages':[{'role':'user','content':'x'}],'tools':[{'name':'"
                + name
                + "','input_schema':{}}],'tool_choice':{'type':'tool','name':'"
                + name
                + "'}}");
    String told = call.asked.at("/tools/0/function/name").asText();

    assertThat(told).matches("[a-zA-Z0-9_-]{1,64}");
    assertThat(call.asked.at("/tool_choice/function/name").asText()).isEqualTo(told);
    JsonNode answer =
        call.whole(
            "{'choices':[{'message':{'content':null,'tool_calls':[{'id':'c','function':{'name':'"
                + told
                + "','arguments':'{}'}}]},'finish_reason':'tool_calls'}]}");
    assertThat(answer.at("/content/0/name").asText()).isEqualTo(name);
  }

  private static Translation toOpenAi() {
    return Translation.between(WireProtocol.ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT);
  }

  @Test
  void aPlainSecondTryHasNothingThatAServerMayNotKnow() {
    UpstreamOptions options = new UpstreamOptions("m", 9, true);
    byte[] body = REQUEST.getBytes(StandardCharsets.UTF_8);
    Translation first = toOpenAi();
    first.request(body, options);
    assertThat(first.isOptional()).isTrue();

    Translation second = toOpenAi();
    JsonNode asked = Call.json(second.request(body, options.plain()));

    assertThat(second.isOptional()).isFalse();
    assertThat(second.leftOut()).contains("output_config.effort");
    assertThat(asked.has("reasoning_effort")).isFalse();
    assertThat(asked.has("stream_options")).isFalse();
  }

  @Test
  void aToolOfAnthropicsThatHasToBeUsedIsRefused() {
    assertThatThrownBy(
            () ->
                Call.of(
                    WireProtocol.ANTHROPIC_MESSAGES,
                    WireProtocol.OPENAI_CHAT,
                    "{'max_tokens':9,'messages':[{'role':'user','content':'x'}],'tools':[{'type':"
                        + "'web_search_20260209','name':'web_search'}],"
                        + "'tool_choice':{'type':'any'}}"))
        .isInstanceOf(ProblemException.class)
        .hasMessageStartingWith("tools[0].type ");
  }
}
