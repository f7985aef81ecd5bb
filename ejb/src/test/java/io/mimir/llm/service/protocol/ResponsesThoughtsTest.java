package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OPENAI_CHAT;
import static io.mimir.llm.WireProtocol.OPENAI_RESPONSES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a model thought is told to clients of the responses, and given back to its provider. */
class ResponsesThoughtsTest {

  private static final String ASKED =
      "'reasoning':{'effort':'low','summary':'auto'},'include':['reasoning.encrypted_content']";
  private static final String USER = "{'role':'user','content':'x'}";
  private static final String MODEL = "claude-sonnet-4-5";

  private static final String WHOLE =
      "{'id':'m','model':'"
          + MODEL
          + "','content':[{'type':'thinking','thinking':'I wonder.','signature':'sealed'},"
          + "{'type':'redacted_thinking','data':'hidden'},{'type':'text','text':'Hi'},"
          + "{'type':'tool_use','id':'t','name':'f','input':{}}],'stop_reason':'tool_use',"
          + "'usage':{'input_tokens':3,'output_tokens':9}}";

  private static final List<String> EVENTS =
      List.of(
          "message_start|{'type':'message_start','message':{'id':'m','model':'c',"
              + "'usage':{'input_tokens':3,'output_tokens':1}}}",
          "content_block_start|{'type':'content_block_start','content_block':"
              + "{'type':'thinking','thinking':'','signature':''}}",
          "content_block_delta|{'type':'content_block_delta','delta':"
              + "{'type':'thinking_delta','thinking':'I won'}}",
          "content_block_delta|{'type':'content_block_delta','delta':"
              + "{'type':'thinking_delta','thinking':'der.'}}",
          "content_block_delta|{'type':'content_block_delta','delta':"
              + "{'type':'signature_delta','signature':'sealed'}}",
          "content_block_stop|{'type':'content_block_stop'}",
          "content_block_start|{'type':'content_block_start','content_block':"
              + "{'type':'redacted_thinking','data':'hidden'}}",
          "content_block_stop|{'type':'content_block_stop'}",
          "content_block_start|{'type':'content_block_start','content_block':{'type':'text'}}",
          "content_block_delta|{'type':'content_block_delta','delta':"
              + "{'type':'text_delta','text':'Hi'}}",
          "content_block_stop|{'type':'content_block_stop'}",
          "content_block_start|{'type':'content_block_start','content_block':"
              + "{'type':'tool_use','id':'t','name':'f','input':{}}}",
          "content_block_stop|{'type':'content_block_stop'}",
          "message_delta|{'type':'message_delta','delta':{'stop_reason':'tool_use'}}",
          "message_stop|{'type':'message_stop'}");

  private static Call ask(String fields) {
    return Call.of(
        OPENAI_RESPONSES,
        ANTHROPIC_MESSAGES,
        "{'model':'a','store':false,'input':'x','tools':[{'type':'function','name':'f'}],"
            + fields
            + "}",
        MODEL);
  }

  private static List<String> types(Received received) {
    return received.items.stream().map(item -> item.path("type").asText()).toList();
  }

  @Test
  void thoughtsAreToldAsSummariesWhereOneWasAskedFor() throws IOException {
    Received whole = Received.response(ask(ASKED).whole(WHOLE));
    Received streamed = Received.responses(ask(ASKED + ",'stream':true").stream(EVENTS));

    for (Received received : List.of(whole, streamed)) {
      assertThat(types(received))
          .containsExactly("reasoning", "reasoning", "message", "function_call");
      assertThat(received.thoughts).hasToString("I wonder.");
      assertThat(received.text).hasToString("Hi");
      assertThat(received.items.get(1).path("summary")).isEmpty();
    }
  }

  @Test
  void theirEventsComeInTheOrderOfTheProtocol() throws IOException {
    String stream = ask(ASKED + ",'stream':true").stream(EVENTS);
    List<String> names = new ArrayList<>();
    for (String line : stream.split("\n")) {
      if (line.startsWith("event: response.")) {
        names.add(line.substring(16));
      }
    }

    assertThat(names.subList(0, 10))
        .containsExactly(
            "created",
            "in_progress",
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
            "output_item.added");
  }

  @Test
  void withoutASummaryOnlyWhatTheProviderSealedIsCarried() throws IOException {
    Received whole = Received.response(ask("'reasoning':{'effort':'low'}").whole(WHOLE));
    Received streamed =
        Received.responses(ask("'stream':true,'reasoning':{'effort':'low'}").stream(EVENTS));

    for (Received received : List.of(whole, streamed)) {
      assertThat(types(received))
          .containsExactly("reasoning", "reasoning", "message", "function_call");
      assertThat(received.thoughts).isEmpty();
      assertThat(received.items.get(0).path("encrypted_content").isTextual()).isTrue();
      assertThat(received.items.get(0).toString()).doesNotContain("wonder");
    }
  }

  @Test
  void theProviderGetsItsOwnWordsBack() throws IOException {
    Received received = Received.responses(ask(ASKED + ",'stream':true").stream(EVENTS));
    List<String> items = new ArrayList<>(List.of(USER));
    received.items.forEach(item -> items.add(item.toString()));
    items.add("{'type':'function_call_output','call_id':'t','output':'y'}");

    Call next = ask(ASKED + ",'input':[" + String.join(",", items) + "]");

    JsonNode said = next.asked.at("/messages/1/content");
    assertThat(said.get(0))
        .isEqualTo(Call.json("{'type':'thinking','thinking':'I wonder.','signature':'sealed'}"));
    assertThat(said.get(1)).isEqualTo(Call.json("{'type':'redacted_thinking','data':'hidden'}"));
    assertThat(next.asked.at("/thinking/type").asText()).isEqualTo("enabled");
    assertThat(next.translation.leftOut()).isEmpty();
  }

  @Test
  void anotherProviderDoesNotGetThem() throws IOException {
    Received received = Received.responses(ask(ASKED + ",'stream':true").stream(EVENTS));
    String body =
        "{'model':'a','store':false,'input':["
            + USER
            + ","
            + received.items.get(0)
            + ","
            + USER
            + "]}";
    Translation other = Translation.between(OPENAI_RESPONSES, ANTHROPIC_MESSAGES);

    byte[] asked =
        other.request(
            Call.json(body).toString().getBytes(StandardCharsets.UTF_8),
            new UpstreamOptions(MODEL, 4096, true).at("anthropic", "https://elsewhere"));

    assertThat(Call.json(asked).toString()).doesNotContain("thinking").doesNotContain("sealed");
    assertThat(other.leftOut()).containsExactly("input.encrypted_content");
  }

  @Test
  void thoughtsOfOpenModelsAreToldAndGivenBackToo() throws IOException {
    String head = "{'id':'c','created':5,'model':'m','choices':[{'index':0,";
    Call call =
        Call.of(
            OPENAI_RESPONSES,
            OPENAI_CHAT,
            "{'model':'a','stream':true,'input':'x','reasoning':{'summary':'detailed'}}");
    Received received =
        Received.responses(
            call.stream(
                List.of(
                    head + "'delta':{'role':'assistant','reasoning_content':'Hm.'}}]}",
                    head + "'delta':{'content':'Hi'}}]}",
                    head + "'delta':{},'finish_reason':'stop'}]}",
                    "[DONE]")));

    assertThat(received.thoughts).hasToString("Hm.");
    ObjectNode next = (ObjectNode) Call.json("{'model':'a'}");
    next.putArray("input").add(Call.json(USER)).addAll(received.items).add(Call.json(USER));
    assertThat(Call.of(OPENAI_RESPONSES, OPENAI_CHAT, next.toString()).asked.at("/messages/1"))
        .isEqualTo(Call.json("{'role':'assistant','content':'Hi','reasoning_content':'Hm.'}"));
  }

  @Test
  void thoughtsAreCounted() throws IOException {
    JsonNode answer =
        Call.of(OPENAI_RESPONSES, OPENAI_CHAT, "{'input':'x'}")
            .whole(
                "{'id':'c','created':5,'model':'m','choices':[{'message':{'content':'Hi'},"
                    + "'finish_reason':'stop'}],'usage':{'prompt_tokens':9,"
                    + "'completion_tokens':7,'prompt_tokens_details':{'cached_tokens':4},"
                    + "'completion_tokens_details':{'reasoning_tokens':5}}}");

    assertThat(answer.path("usage"))
        .isEqualTo(
            Call.json(
                "{'input_tokens':9,'input_tokens_details':{'cached_tokens':4,"
                    + "'cache_write_tokens':0},'output_tokens':7,"
                    + "'output_tokens_details':{'reasoning_tokens':5},'total_tokens':16}"));
  }
}
