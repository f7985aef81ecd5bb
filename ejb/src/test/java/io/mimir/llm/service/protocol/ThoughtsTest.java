package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a provider's model thought, on its way through another protocol and back. */
class ThoughtsTest {

  private static final UpstreamOptions CLAUDE =
      new UpstreamOptions("claude-sonnet-4-5", 4096, true)
          .at("anthropic", "https://api.anthropic.com");
  private static final UpstreamOptions DEEPSEEK =
      new UpstreamOptions("deepseek-reasoner", 4096, true)
          .at("deepseek", "https://api.deepseek.com");

  private static final String THOUGHT =
      "{'type':'thinking','thinking':'I look first.','signature':'EqQB+/=='}";
  private static final String REDACTED = "{'type':'redacted_thinking','data':'EmwK'}";
  private static final String USE = "{'type':'tool_use','id':'toolu_1','name':'f','input':{}}";

  private static Translation toClaude() {
    return Translation.between(WireProtocol.OPENAI_CHAT, WireProtocol.ANTHROPIC_MESSAGES);
  }

  private static byte[] bytes(String text) {
    return Call.quoted(text).getBytes(StandardCharsets.UTF_8);
  }

  private static final String FIRST =
      "{'reasoning_effort':'low','tools':[{'type':'function','function':{'name':'f'}}],"
          + "'messages':[{'role':'user','content':'x'}]}";

  private static ObjectNode next(JsonNode message) {
    ObjectNode body = (ObjectNode) Call.json(FIRST);
    body.withArray("messages").add(message);
    body.withArray("messages")
        .addObject()
        .put("role", "tool")
        .put("tool_call_id", "toolu_1")
        .put("content", "y");
    return body;
  }

  private static JsonNode answered() throws IOException {
    Translation translation = toClaude();
    translation.request(bytes(FIRST), CLAUDE);
    String answer =
        "{'type':'message','model':'m','content':["
            + THOUGHT
            + ","
            + REDACTED
            + ","
            + USE
            + "],'stop_reason':'tool_use'}";
    return Call.json(translation.answer(bytes(answer))).at("/choices/0/message");
  }

  @Test
  void anthropicGetsItsOwnBlocksBackFromAnOpenAiClient() throws IOException {
    JsonNode message = answered();
    assertThat(message.path("reasoning_content").asText()).isEqualTo("I look first.");

    Translation second = toClaude();
    JsonNode asked = Call.json(second.request(next(message).toString().getBytes(), CLAUDE));

    assertThat(asked.at("/messages/1/content"))
        .isEqualTo(Call.json("[" + THOUGHT + "," + REDACTED + "," + USE + "]"));
    assertThat(asked.at("/thinking/type").asText()).isEqualTo("enabled");
    assertThat(second.leftOut()).isEmpty();
  }

  @Test
  void aClientThatForgetsThoughtsIsAnsweredWithoutThinking() throws IOException {
    ObjectNode message = (ObjectNode) answered();
    message.remove("reasoning_details");
    Translation second = toClaude();

    JsonNode asked = Call.json(second.request(next(message).toString().getBytes(), CLAUDE));

    assertThat(asked.has("thinking")).isFalse();
    assertThat(second.leftOut()).contains("messages.reasoning_content", "reasoning_effort");
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic,https://other.example",
    "custom,https://api.anthropic.com",
    "openai,https://api.openai.com"
  })
  void anotherProvidersThoughtsAreLeftOutAndNamed(String provider, String origin)
      throws IOException {
    Translation second = toClaude();

    JsonNode asked =
        Call.json(
            second.request(next(answered()).toString().getBytes(), CLAUDE.at(provider, origin)));

    assertThat(asked.at("/messages/1/content")).hasSize(1);
    assertThat(second.leftOut()).contains("messages.reasoning_details");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "eyJ2IjoxLCJwcm92aWRlciI6", "EqQB", "eyJ2IjoxLCJwcm$$"})
  void whatIsNoHandleIsLeftOutAndNamed(String handle) {
    JsonNode message =
        Call.json(
            "{'role':'assistant','content':'y','reasoning_details':[{'data':'" + handle + "'}]}");
    Translation translation = toClaude();

    translation.request(next(message).toString().getBytes(), CLAUDE);

    assertThat(translation.leftOut()).contains("messages.reasoning_details");
  }

  @Test
  void aHandleTellsNothingOfWhereTheProviderIs() throws IOException {
    String handle = answered().at("/reasoning_details/0/data").asText();
    String content =
        new String(java.util.Base64.getUrlDecoder().decode(handle), StandardCharsets.UTF_8);

    assertThat(content).startsWith("{\"v\":1,\"provider\":\"anthropic\",\"model\":");
    assertThat(content).doesNotContain("api.anthropic.com");
    assertThat(handle).startsWith(ThoughtHandle.PREFIX);
  }

  @Test
  void aThoughtThatIsTooLongHasNoHandle() {
    ObjectNode blob = Json.object().put("text", "x".repeat(ThoughtHandle.MAX_HANDLE_BYTES));

    assertThat(ThoughtHandle.of(blob, CLAUDE)).isNull();
  }

  private static final String THINKING =
      "{'max_tokens':9000,'thinking':{'type':'enabled','budget_tokens':2000},"
          + "'messages':[{'role':'user','content':'x'}]}";

  private static List<JsonNode> blocksOf(Translation translation, String... chunks)
      throws IOException {
    List<JsonNode> events = new ArrayList<>();
    StringBuilder sent = new StringBuilder();
    for (String chunk : chunks) {
      byte[] out = translation.event(null, Call.quoted(chunk));
      sent.append(new String(out, StandardCharsets.UTF_8));
    }
    sent.append(new String(translation.end(), StandardCharsets.UTF_8));
    for (String event : sent.toString().split("\n\n")) {
      events.add(Call.json(event.substring(event.indexOf("data: ") + 6)));
    }
    return events;
  }

  @ParameterizedTest
  @CsvSource({"reasoning_content", "reasoning"})
  void anOpenAiProviderGetsItsOwnWordsBackFromAnAnthropicClient(String field) throws IOException {
    Translation first =
        Translation.between(WireProtocol.ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT);
    first.request(bytes(THINKING), DEEPSEEK);
    String head = "{'model':'m','choices':[{'index':0,'delta':";
    List<JsonNode> events =
        blocksOf(
            first,
            head + "{'role':'assistant','" + field + "':'Let me '}}]}",
            head + "{'" + field + "':'see.'}}]}",
            head + "{'content':'Yes.'},'finish_reason':'stop'}]}",
            "[DONE]");

    assertThat(events.stream().map(event -> event.path("type").asText()))
        .containsExactly(
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
    assertThat(events.get(1).at("/content_block/type").asText()).isEqualTo("thinking");
    String signature = events.get(4).at("/delta/signature").asText();

    ObjectNode body = (ObjectNode) Call.json(THINKING);
    ObjectNode said = body.withArray("messages").addObject().put("role", "assistant");
    said.putArray("content")
        .addObject()
        .put("type", "thinking")
        .put("thinking", "Let me see.")
        .put("signature", signature);
    said.withArray("content").addObject().put("type", "text").put("text", "Yes.");
    body.withArray("messages").addObject().put("role", "user").put("content", "z");
    Translation second =
        Translation.between(WireProtocol.ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT);
    JsonNode asked = Call.json(second.request(body.toString().getBytes(), DEEPSEEK));

    assertThat(asked.at("/messages/1"))
        .isEqualTo(
            Call.json("{'role':'assistant','content':'Yes.','" + field + "':'Let me see.'}"));
    assertThat(second.leftOut()).isEmpty();
  }

  @Test
  void aClientThatAskedForNoThoughtsHasTheTextFirst() throws IOException {
    Call call =
        Call.of(
            WireProtocol.ANTHROPIC_MESSAGES,
            WireProtocol.OPENAI_CHAT,
            "{'max_tokens':9,'messages':[{'role':'user','content':'x'}]}");

    JsonNode answer =
        call.whole(
            "{'choices':[{'message':{'content':'Yes.','reasoning_content':'hm'},"
                + "'finish_reason':'stop'}]}");

    assertThat(answer.path("content")).isEqualTo(Call.json("[{'type':'text','text':'Yes.'}]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{'type':'thinking','thinking':[{'type':'text','text':'hm'}]},"
            + "{'type':'text','text':'Ye'},{'type':'text','text':'s.'}]",
        "[{'type':'thinking','thinking':'hm'},{'type':'reference','reference_ids':[1]},"
            + "{'type':'text','text':'Yes.'}]"
      })
  void contentThatIsAListIsJoined(String content) throws IOException {
    Call call =
        Call.of(WireProtocol.ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT, THINKING, "magistral");

    JsonNode answer =
        call.whole("{'choices':[{'message':{'content':" + content + "},'finish_reason':'stop'}]}");

    assertThat(answer.at("/content/0/thinking").asText()).isEqualTo("hm");
    assertThat(answer.at("/content/1/text").asText()).isEqualTo("Yes.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'field':'role','text':'system'}",
        "{'field':'tool_calls','text':'x','details':{'a':1}}",
        "{'field':7,'text':[],'details':'x'}",
        "{'call':{},'extra_content':'x'}",
        "{'type':'thinking'}",
        "{}"
      })
  void aHandleThatAClientHasWrittenChangesNothingElse(String blob) {
    String handle = ThoughtHandle.of((ObjectNode) Call.json(blob), DEEPSEEK);
    Translation translation =
        Translation.between(WireProtocol.ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT);

    JsonNode asked =
        Call.json(
            translation.request(
                bytes(
                    "{'max_tokens':9,'messages':[{'role':'user','content':'x'},{'role':'assistant',"
                        + "'content':[{'type':'redacted_thinking','data':'"
                        + handle
                        + "'},{'type':'text','text':'y'}]},{'role':'user','content':'z'}]}"),
                DEEPSEEK));

    assertThat(asked.at("/messages/1")).isEqualTo(Call.json("{'role':'assistant','content':'y'}"));
  }

  @Test
  void aSignatureOfACallIsGivenBackWithTheCall() throws IOException {
    Translation first =
        Translation.between(WireProtocol.ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT);
    UpstreamOptions gemini =
        new UpstreamOptions("gemini-3-pro", 4096, true).at("gemini", "https://g.example");
    first.request(bytes(THINKING), gemini);
    JsonNode answer =
        Call.json(
            first.answer(
                bytes(
                    "{'choices':[{'message':{'content':null,'tool_calls':[{'id':'c','type':"
                        + "'function','extra_content':{'google':{'thought_signature':'s'}},"
                        + "'function':{'name':'f','arguments':'{}'}}]},"
                        + "'finish_reason':'tool_calls'}]}")));

    ObjectNode body = (ObjectNode) Call.json(THINKING);
    ObjectNode said = body.withArray("messages").addObject().put("role", "assistant");
    said.set("content", answer.path("content"));
    body.withArray("messages").addObject().put("role", "user").put("content", "z");
    Translation second =
        Translation.between(WireProtocol.ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT);
    JsonNode asked = Call.json(second.request(body.toString().getBytes(), gemini));

    assertThat(answer.at("/content/0/type").asText()).isEqualTo("redacted_thinking");
    assertThat(asked.at("/messages/1/tool_calls/0/extra_content/google/thought_signature"))
        .isEqualTo(Call.json("'s'"));
    assertThat(second.leftOut()).isEmpty();
  }

  @Test
  void aHandleIsTakenOutOfABodyThatIsPassedOn() {
    String handle = ThoughtHandle.of(Json.object().put("a", 1), DEEPSEEK);
    String body =
        "{'messages':[{'role':'assistant','content':[{'type':'thinking','thinking':'t',"
            + "'signature':'%s'},{'type':'text','text':'y'}]},{'role':'assistant','content':["
            + "{'type':'redacted_thinking','data':'%s'}]}],'input':[{'type':'reasoning',"
            + "'encrypted_content':'%s'},{'type':'message'}]}";

    byte[] without = ForeignThoughts.without(bytes(body.formatted(handle, handle, handle)));

    assertThat(Call.json(without))
        .isEqualTo(
            Call.json(
                "{'messages':[{'role':'assistant','content':[{'type':'text','text':'y'}]}],"
                    + "'input':[{'type':'message'}]}"));
    byte[] own = bytes(body.formatted("EqQB", "EmwK", "gAAAA"));
    assertThat(ForeignThoughts.without(own)).isSameAs(own);
  }
}
