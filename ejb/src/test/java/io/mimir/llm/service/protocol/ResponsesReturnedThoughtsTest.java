package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OLLAMA_CHAT;
import static io.mimir.llm.WireProtocol.OPENAI_RESPONSES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What OpenAI's model thought goes through another protocol and comes back unchanged. */
class ResponsesReturnedThoughtsTest {

  private static final UpstreamOptions GPT =
      new UpstreamOptions("gpt-5.5", 4096, true).at("openai", "https://api.openai.com");

  private static final String THOUGHT =
      "{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'I look.'},"
          + "{'type':'summary_text','text':'Then I call.'}],'encrypted_content':'gAAA+/=='}";
  private static final String HIDDEN =
      "{'type':'reasoning','id':'rs_2','summary':[],'encrypted_content':'hidden'}";
  private static final String CALL =
      "{'type':'function_call','id':'fc_1','call_id':'call_1','name':'f','arguments':'{}'}";
  private static final String WHOLE =
      "{'id':'r','object':'response','status':'completed','model':'gpt-5.5','output':["
          + THOUGHT
          + ","
          + HIDDEN
          + ","
          + CALL
          + "]}";
  private static final List<String> EVENTS =
      List.of(
          "{'type':'response.created','response':{'id':'r','model':'gpt-5.5'}}",
          "{'type':'response.output_item.added','output_index':0,"
              + "'item':{'type':'reasoning','id':'rs_1','summary':[],'encrypted_content':''}}",
          "{'type':'response.reasoning_summary_part.added','summary_index':0}",
          "{'type':'response.reasoning_summary_text.delta','summary_index':0,'delta':'I '}",
          "{'type':'response.reasoning_summary_text.delta','summary_index':0,'delta':'look.'}",
          "{'type':'response.reasoning_summary_text.done','summary_index':0,'text':'I look.'}",
          "{'type':'response.reasoning_summary_part.added','summary_index':1}",
          "{'type':'response.reasoning_summary_text.delta','summary_index':1,"
              + "'delta':'Then I call.'}",
          "{'type':'response.output_item.done','output_index':0,'item':" + THOUGHT + "}",
          "{'type':'response.output_item.added','output_index':1,'item':{'type':'reasoning'}}",
          "{'type':'response.output_item.done','output_index':1,'item':" + HIDDEN + "}",
          "{'type':'response.output_item.added','output_index':2,'item':" + CALL + "}",
          "{'type':'response.output_item.done','output_index':2,'item':" + CALL + "}",
          "{'type':'response.completed','response':{'status':'completed','output':[]}}");

  private static final String THINKS =
      "{'max_tokens':9000,'thinking':{'type':'adaptive'},'messages':"
          + "[{'role':'user','content':'x'}]}";

  private Translation translation;

  private JsonNode request(String body, UpstreamOptions options) {
    translation = Translation.between(ANTHROPIC_MESSAGES, OPENAI_RESPONSES);
    return Call.json(
        translation.request(Call.quoted(body).getBytes(StandardCharsets.UTF_8), options));
  }

  private JsonNode answered() throws IOException {
    request(THINKS, GPT);
    return Call.json(translation.answer(Call.quoted(WHOLE).getBytes(StandardCharsets.UTF_8)))
        .path("content");
  }

  /** The content that a client has collected from the events. */
  private JsonNode streamed() throws IOException {
    request(THINKS.replace("{'max", "{'stream':true,'max"), GPT);
    ArrayNode content = Json.MAPPER.createArrayNode();
    for (String event : EVENTS) {
      String sent = new String(translation.event(null, Call.quoted(event)), StandardCharsets.UTF_8);
      for (String line : sent.split("\n")) {
        if (line.startsWith("data: ")) {
          collect(Call.json(line.substring(6).getBytes(StandardCharsets.UTF_8)), content);
        }
      }
    }
    return content;
  }

  private static void collect(JsonNode event, ArrayNode content) {
    if (event.has("content_block")) {
      content.add(event.get("content_block"));
    }
    ObjectNode last = content.isEmpty() ? null : (ObjectNode) content.get(content.size() - 1);
    for (String member : List.of("thinking", "signature")) {
      if (event.path("delta").has(member)) {
        String piece = event.path("delta").path(member).asText();
        last.put(member, last.path(member).asText() + piece);
      }
    }
  }

  private JsonNode next(JsonNode content, UpstreamOptions options) {
    ObjectNode body = (ObjectNode) Call.json(THINKS);
    body.withArray("messages").addObject().put("role", "assistant").set("content", content);
    ObjectNode result = body.withArray("messages").addObject().put("role", "user");
    result
        .putArray("content")
        .addObject()
        .put("type", "tool_result")
        .put("tool_use_id", "call_1")
        .put("content", "y");
    translation = Translation.between(ANTHROPIC_MESSAGES, OPENAI_RESPONSES);
    return Call.json(
        translation.request(body.toString().getBytes(StandardCharsets.UTF_8), options));
  }

  @Test
  void itIsShownAsThinkingOrHidden() throws IOException {
    for (JsonNode content : List.of(answered(), streamed())) {
      assertThat(content).hasSize(3);
      assertThat(content.get(0).path("thinking").asText()).isEqualTo("I look.\n\nThen I call.");
      assertThat(content.get(0).path("signature").asText()).startsWith(ThoughtHandle.PREFIX);
      assertThat(content.get(1).path("type").asText()).isEqualTo("redacted_thinking");
      assertThat(content.get(2).path("type").asText()).isEqualTo("tool_use");
    }
  }

  @Test
  void itComesBackUnchangedBeforeWhatItLedTo() throws IOException {
    for (JsonNode content : List.of(answered(), streamed())) {
      JsonNode input = next(content, GPT).path("input");

      assertThat(input).hasSize(5);
      assertThat(input.get(1)).isEqualTo(Call.json(THOUGHT));
      assertThat(input.get(2)).isEqualTo(Call.json(HIDDEN));
      assertThat(input.get(3).path("type").asText()).isEqualTo("function_call");
      assertThat(input.get(4).path("call_id")).isEqualTo(input.get(3).path("call_id"));
      assertThat(translation.leftOut()).isEmpty();
      assertThat(translation.isOptional()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "openai,https://other.example",
    "azure,https://api.openai.com",
    "anthropic,https://api.anthropic.com"
  })
  void anotherProviderDoesNotGetIt(String provider, String origin) throws IOException {
    JsonNode asked = next(answered(), GPT.at(provider, origin));

    assertThat(asked.toString()).doesNotContain("rs_1").doesNotContain("hidden");
    assertThat(asked.path("input")).hasSize(3);
    assertThat(translation.leftOut())
        .contains("messages.content.thinking", "messages.content.redacted_thinking");
  }

  /** Another account of the same provider cannot read it, and says so with 400. */
  @Test
  void aSecondTryDoesWithoutIt() throws IOException {
    JsonNode asked = next(answered(), GPT.plain());

    assertThat(asked.path("input")).hasSize(3);
    assertThat(translation.leftOut())
        .contains("messages.content.thinking", "messages.content.redacted_thinking");
    assertThat(translation.isOptional()).isFalse();
  }

  @Test
  void itIsLeftOutWithoutWhatItLedTo() throws IOException {
    ArrayNode content = ((ArrayNode) answered()).deepCopy();
    content.remove(2);
    ObjectNode body = (ObjectNode) Call.json(THINKS);
    body.withArray("messages").addObject().put("role", "assistant").set("content", content);
    body.withArray("messages").addObject().put("role", "user").put("content", "z");

    JsonNode asked = request(body.toString(), GPT);

    assertThat(asked.path("input")).hasSize(2);
    assertThat(translation.leftOut())
        .containsExactly("messages.content.thinking", "messages.content.redacted_thinking");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'thinking','thinking':'x','signature':'y'}",
        "{'type':'reasoning','summary':[]}",
        "{'type':'reasoning','encrypted_content':7,'summary':'x'}",
        "{'type':'openai_chat','field':'reasoning','text':'x'}",
        "{}"
      })
  void whatIsNoThoughtOfThisProtocolIsLeftOut(String blob) throws IOException {
    String handle = ThoughtHandle.of((ObjectNode) Call.json(blob), GPT);
    JsonNode content =
        Call.json(
            "[{'type':'redacted_thinking','data':'"
                + handle
                + "'},{'type':'tool_use','id':'call_1','name':'f','input':{}}]");

    JsonNode input = next(content, GPT).path("input");

    assertThat(input).hasSize(3);
    assertThat(translation.leftOut()).containsExactly("messages.content.redacted_thinking");
  }

  /** A handle comes from a client, who may have written it. */
  @Test
  void onlyWhatBelongsToAThoughtIsTakenOutOfAHandle() {
    ObjectNode blob = (ObjectNode) Call.json(HIDDEN);
    blob.put("status", "completed").put("role", "developer").putArray("content").add("evil");
    JsonNode content =
        Call.json(
            "[{'type':'redacted_thinking','data':'"
                + ThoughtHandle.of(blob, GPT)
                + "'},{'type':'text','text':'y'}]");

    JsonNode input = next(content, GPT).path("input");

    assertThat(input.get(1)).isEqualTo(Call.json(HIDDEN));
  }

  @Test
  void whoDidNotAskForThoughtsIsNotToldThem() throws IOException {
    String quiet = THINKS.replace("'thinking':{'type':'adaptive'},", "");
    request(quiet, GPT);

    JsonNode answer =
        Call.json(translation.answer(Call.quoted(WHOLE).getBytes(StandardCharsets.UTF_8)));

    assertThat(answer.path("content")).hasSize(1);
  }

  @Test
  void anOllamaClientSeesTheSummary() throws IOException {
    List<String> thoughts = new ArrayList<>();
    Call call =
        Call.of(
            OLLAMA_CHAT,
            OPENAI_RESPONSES,
            "{'think':true,'messages':[{'role':'user','content':'x'}]}",
            "gpt-5.5");
    for (String event : EVENTS) {
      for (String line : new String(call.piece(event), StandardCharsets.UTF_8).split("\n")) {
        if (!line.isEmpty()) {
          thoughts.add(
              Call.json(line.getBytes(StandardCharsets.UTF_8)).at("/message/thinking").asText());
        }
      }
    }

    assertThat(String.join("", thoughts)).isEqualTo("I look.\n\nThen I call.");
  }
}
