package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiToAnthropicTest {

  private static final String QUESTION =
      "{'model':'a','messages':[{'role':'user','content':'Hello'}]}";
  private static final String STREAMED =
      "{'model':'a','stream':true,'stream_options':{'include_usage':true},"
          + "'messages':[{'role':'user','content':'Hello'}]}";

  private static final List<String> EVENTS =
      List.of(
          "message_start|{'type':'message_start','message':{'id':'msg_1','type':'message',"
              + "'role':'assistant','model':'claude-x','content':[],'stop_reason':null,"
              + "'usage':{'input_tokens':10,'cache_read_input_tokens':4,'output_tokens':1}}}",
          "content_block_start|{'type':'content_block_start','index':0,"
              + "'content_block':{'type':'thinking','thinking':''}}",
          "content_block_delta|{'type':'content_block_delta','index':0,"
              + "'delta':{'type':'thinking_delta','thinking':'hm'}}",
          "content_block_stop|{'type':'content_block_stop','index':0}",
          "content_block_start|{'type':'content_block_start','index':1,"
              + "'content_block':{'type':'text','text':''}}",
          "ping|{'type':'ping'}",
          "content_block_delta|{'type':'content_block_delta','index':1,"
              + "'delta':{'type':'text_delta','text':'Grüß '}}",
          "content_block_delta|{'type':'content_block_delta','index':1,"
              + "'delta':{'type':'text_delta','text':'Gott 😀'}}",
          "content_block_stop|{'type':'content_block_stop','index':1}",
          "content_block_start|{'type':'content_block_start','index':2,"
              + "'content_block':{'type':'tool_use','id':'toolu_1','name':'look','input':{}}}",
          "content_block_delta|{'type':'content_block_delta','index':2,"
              + "'delta':{'type':'input_json_delta','partial_json':''}}",
          "content_block_delta|{'type':'content_block_delta','index':2,"
              + "'delta':{'type':'input_json_delta','partial_json':'{\\'ci'}}",
          "content_block_delta|{'type':'content_block_delta','index':2,"
              + "'delta':{'type':'input_json_delta','partial_json':'ty\\':\\'Ulm\\'}'}}",
          "content_block_stop|{'type':'content_block_stop','index':2}",
          "content_block_start|{'type':'content_block_start','index':3,"
              + "'content_block':{'type':'tool_use','id':'toolu_2','name':'now','input':{}}}",
          "content_block_stop|{'type':'content_block_stop','index':3}",
          "message_delta|{'type':'message_delta','delta':{'stop_reason':'tool_use',"
              + "'stop_sequence':null},'usage':{'output_tokens':25}}",
          "some_later_event|{'type':'some_later_event'}",
          "message_stop|{'type':'message_stop'}");

  private static Call call(String body) {
    return Call.of(WireProtocol.OPENAI_CHAT, WireProtocol.ANTHROPIC_MESSAGES, body);
  }

  @Test
  void aQuestionIsAskedWithALimit() {
    assertThat(call(QUESTION).asked)
        .isEqualTo(
            Call.json(
                "{'model':'upstream-model','max_tokens':4096,'messages':[{'role':'user',"
                    + "'content':[{'type':'text','text':'Hello'}]}],'stream':false}"));
  }

  @Test
  void aWholeConversationIsCarried() {
    Call call =
        call(
            """
            {"model":"a","messages":[
              {"role":"system","content":"Be brief."},
              {"role":"developer","content":[{"type":"text","text":"Speak German."}]},
              {"role":"user","content":[
                {"type":"text","text":"What is this?"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBOR","detail":"auto"}},
                {"type":"image_url","image_url":{"url":"https://example.org/a.jpg"}}]},
              {"role":"assistant","content":null,"refusal":null,"annotations":[],"tool_calls":[
                {"id":"call_1","type":"function","function":{"name":"look","arguments":"{\\"city\\":\\"Ulm\\"}"}},
                {"id":"call_2","type":"function","function":{"name":"now","arguments":""}}]},
              {"role":"tool","tool_call_id":"call_1","content":"sunny"},
              {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"noon"}]},
              {"role":"user","content":"So?"}],
             "tools":[
              {"type":"function","function":{"name":"look","description":"Looks","strict":true,
                "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}},
              {"type":"function","function":{"name":"now"}}],
             "tool_choice":{"type":"function","function":{"name":"look"}},
             "parallel_tool_calls":false,"temperature":0.5,"top_p":0.9,"stop":"END",
             "max_completion_tokens":77}
            """);

    assertThat(call.asked)
        .isEqualTo(
            Call.json(
                """
                {"model":"upstream-model","max_tokens":77,
                 "system":[{"type":"text","text":"Be brief."},{"type":"text","text":"Speak German."}],
                 "messages":[
                  {"role":"user","content":[{"type":"text","text":"What is this?"},
                    {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBOR"}},
                    {"type":"image","source":{"type":"url","url":"https://example.org/a.jpg"}}]},
                  {"role":"assistant","content":[
                    {"type":"tool_use","id":"call_1","name":"look","input":{"city":"Ulm"}},
                    {"type":"tool_use","id":"call_2","name":"now","input":{}}]},
                  {"role":"user","content":[
                    {"type":"tool_result","tool_use_id":"call_1","content":[{"type":"text","text":"sunny"}]},
                    {"type":"tool_result","tool_use_id":"call_2","content":[{"type":"text","text":"noon"}]},
                    {"type":"text","text":"So?"}]}],
                 "tools":[
                  {"name":"look","description":"Looks","strict":true,
                   "input_schema":{"type":"object","properties":{"city":{"type":"string"}},
                     "additionalProperties":false}},
                  {"name":"now","input_schema":{"type":"object","properties":{}}}],
                 "tool_choice":{"type":"tool","name":"look","disable_parallel_tool_use":true},
                 "temperature":0.5,"top_p":0.9,"stop_sequences":["END"],"stream":false}
                """));
  }

  @Test
  void aSchemaIsCarriedAsAnOutputFormat() {
    Call call =
        call(
            "{'messages':[{'role':'user','content':'x'}],'response_format':{'type':'json_schema',"
                + "'json_schema':{'name':'n','strict':true,'schema':{'type':'object'}}}}");

    assertThat(call.asked.path("output_config"))
        .isEqualTo(Call.json("{'format':{'type':'json_schema','schema':{'type':'object'}}}"));
  }

  @ParameterizedTest
  @CsvSource({"auto,auto", "none,none", "required,any"})
  void theChoiceOfToolsIsCarried(String openAi, String anthropic) {
    Call call =
        call(
            "{'messages':[{'role':'user','content':'x'}],'tools':[{'type':'function',"
                + "'function':{'name':'f'}}],'tool_choice':'"
                + openAi
                + "'}");

    assertThat(call.asked.path("tool_choice")).isEqualTo(Call.json("{'type':'" + anthropic + "'}"));
  }

  /** The parser's own limit is lower than the gateway's. */
  @Test
  void aPictureMayBeAsLargeAsABodyMayBe() {
    String picture = "A".repeat(21_000_000);

    Call call =
        call(
            "{'messages':[{'role':'user','content':[{'type':'image_url','image_url':"
                + "{'url':'data:image/png;base64,"
                + picture
                + "'}}]}]}");

    assertThat(call.asked.at("/messages/0/content/0/source/data").textValue()).isEqualTo(picture);
  }

  @Test
  void aWholeAnswerHasTextCallsAndUsage() throws IOException {
    Call call = call(QUESTION);

    var answer =
        call.whole(
            "{'id':'msg_1','type':'message','role':'assistant','model':'claude-x','content':["
                + "{'type':'thinking','thinking':'hm','signature':'s'},"
                + "{'type':'text','text':'Grüß '},{'type':'text','text':'Gott'},"
                + "{'type':'tool_use','id':'toolu_1','name':'look','input':{'city':'Ulm'}}],"
                + "'stop_reason':'tool_use','stop_sequence':null,'usage':{'input_tokens':10,"
                + "'cache_creation_input_tokens':2,'cache_read_input_tokens':3,"
                + "'output_tokens':7}}");

    assertThat(answer.path("created").asLong()).isPositive();
    ((ObjectNode) answer).remove("created");
    var details = ((ObjectNode) answer.at("/choices/0/message")).remove("reasoning_details");
    assertThat(details.at("/0/type").asText()).isEqualTo("reasoning.encrypted");
    assertThat(answer)
        .isEqualTo(
            Call.json(
                """
                {"id":"msg_1","object":"chat.completion","model":"claude-x","choices":[
                  {"index":0,"message":{"role":"assistant","content":"Grüß Gott","refusal":null,
                   "annotations":[],"reasoning_content":"hm","tool_calls":[{"id":"toolu_1","type":"function","function":
                     {"name":"look","arguments":"{\\"city\\":\\"Ulm\\"}"}}]},
                   "logprobs":null,"finish_reason":"tool_calls"}],
                 "usage":{"prompt_tokens":15,"completion_tokens":7,"total_tokens":22,
                   "prompt_tokens_details":{"cached_tokens":3,"audio_tokens":0},
                   "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,
                     "accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}
                """));
    assertThat(call.translation.inputTokens()).isEqualTo(15);
    assertThat(call.translation.outputTokens()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "end_turn,stop",
    "stop_sequence,stop",
    "max_tokens,length",
    "model_context_window_exceeded,length",
    "tool_use,tool_calls",
    "refusal,content_filter",
    "something_new,stop"
  })
  void theReasonOfTheEndIsCarried(String anthropic, String openAi) throws IOException {
    var answer =
        call(QUESTION)
            .whole(
                "{'type':'message','model':'m','content':[{'type':'text','text':'x'}],"
                    + "'stop_reason':'"
                    + anthropic
                    + "'}");

    assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo(openAi);
  }

  @Test
  void aStreamKeepsToTheRulesOfTheOfficialClient() throws IOException {
    Call call = call(STREAMED);
    assertThat(call.asked.path("stream").asBoolean()).isTrue();
    assertThat(call.translation.isStreamed()).isTrue();

    Received received = Received.openAi(call.stream(EVENTS));

    assertThat(received.text).hasToString("Grüß Gott 😀");
    assertThat(received.calls).containsExactly("toolu_1 look {\"city\":\"Ulm\"}", "toolu_2 now {}");
    assertThat(received.stop).isEqualTo("tool_calls");
    assertThat(received.model).isEqualTo("claude-x");
    assertThat(received.usage.path("prompt_tokens").asInt()).isEqualTo(14);
    assertThat(received.usage.path("completion_tokens").asInt()).isEqualTo(25);
    assertThat(call.translation.inputTokens()).isEqualTo(14);
    assertThat(call.translation.outputTokens()).isEqualTo(25);
    assertThat(call.translation.streamType()).isEqualTo("text/event-stream; charset=utf-8");
  }

  @Test
  void usageIsToldOnlyWhenAskedFor() throws IOException {
    Call call = call("{'stream':true,'messages':[{'role':'user','content':'x'}]}");

    String stream = call.stream(EVENTS);

    assertThat(Received.openAi(stream).usage).isNull();
    assertThat(stream).doesNotContain("usage");
  }

  @Test
  void argumentsThatComeWithTheirCallAreCarried() throws IOException {
    Received received =
        Received.openAi(
            call(STREAMED).stream(
                List.of(
                    "message_start|{'type':'message_start','message':{'model':'m'}}",
                    "content_block_start|{'type':'content_block_start','index':0,'content_block':"
                        + "{'type':'tool_use','id':'t','name':'f','input':{'a':1}}}",
                    "content_block_stop|{'type':'content_block_stop','index':0}",
                    "message_delta|{'type':'message_delta','delta':{'stop_reason':'tool_use'}}",
                    "message_stop|{'type':'message_stop'}")));

    assertThat(received.calls).containsExactly("t f {\"a\":1}");
  }

  @Test
  void textIsSentAtOnceWhenItComes() throws IOException {
    Call call = call(STREAMED);
    List<Integer> sizes = new ArrayList<>();
    for (String event : EVENTS.subList(0, 8)) {
      sizes.add(call.piece(event).length > 0 ? 1 : 0);
    }

    assertThat(sizes).containsExactly(1, 0, 1, 0, 0, 0, 1, 1);
    assertThat(call.translation.isComplete()).isFalse();
  }

  @Test
  void aStreamThatEndsTooEarlyIsNotClosedProperly() throws IOException {
    Call call = call(STREAMED);
    call.piece(EVENTS.get(0));

    assertThatThrownBy(call.translation::end).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "error|{'type':'error','error':{'type':'overloaded_error','message':'sk-secret'}}",
        "content_block_delta|sk-secret"
      })
  void anErrorInTheStreamIsToldWithoutAWordOfIt(String event) throws IOException {
    Call call = call(STREAMED);
    call.piece(EVENTS.get(0));

    assertThatThrownBy(() -> call.piece(event))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'error','error':{'message':'sk-secret'}}",
        "sk-secret",
        "[]",
        "{'type':'message','content':'sk-secret'}"
      })
  void aForeignAnswerIsToldWithoutAWordOfIt(String body) {
    Call call = call(QUESTION);

    assertThatThrownBy(() -> call.whole(body))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }
}
