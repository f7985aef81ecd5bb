package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnthropicToOpenAiTest {

  private static final String QUESTION =
      "{'model':'a','max_tokens':9,'messages':[{'role':'user','content':'Hello'}]}";
  private static final String STREAMED =
      "{'model':'a','max_tokens':9,'stream':true,'messages':[{'role':'user','content':'Hello'}]}";

  private static final String HEAD = "{'id':'chatcmpl-1','created':5,'model':'gpt-x','choices':[";
  private static final String NAMELESS =
      "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}";
  private static final String USAGE =
      HEAD
          + "],'usage':{'prompt_tokens':12,'completion_tokens':8,'total_tokens':20,"
          + "'prompt_tokens_details':{'cached_tokens':5}}}";

  private static Call call(String body) {
    return Call.of(WireProtocol.ANTHROPIC_MESSAGES, WireProtocol.OPENAI_CHAT, body);
  }

  private static String delta(String delta) {
    return HEAD + "{'index':0,'delta':" + delta + ",'finish_reason':null}]}";
  }

  private static String finish(String reason) {
    return HEAD + "{'index':0,'delta':{},'finish_reason':'" + reason + "'}]}";
  }

  private static String fragment(int index, String escaped) {
    return delta(
        "{'tool_calls':[{'index':" + index + ",'function':{'arguments':'" + escaped + "'}}]}");
  }

  @Test
  void aWholeConversationIsCarried() {
    Call call =
        call(
            """
            {"model":"a","max_tokens":50,"stream":true,"cache_control":{"type":"ephemeral"},
             "system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
             "messages":[
              {"role":"user","content":[
                {"type":"text","text":"What is this?","citations":null},
                {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBOR"}},
                {"type":"image","source":{"type":"url","url":"https://example.org/a.jpg"}}]},
              {"role":"assistant","content":[
                {"type":"text","text":"I "},{"type":"text","text":"look."},
                {"type":"tool_use","id":"toolu_1","name":"look","input":{"city":"Ulm"},
                  "caller":{"type":"direct"}},
                {"type":"tool_use","id":"toolu_2","name":"now","input":{}}]},
              {"role":"user","content":[
                {"type":"tool_result","tool_use_id":"toolu_1","content":"sunny"},
                {"type":"tool_result","tool_use_id":"toolu_2","is_error":true,
                  "content":[{"type":"text","text":"no "},{"type":"text","text":"clock"}]},
                {"type":"text","text":"So?"}]}],
             "tools":[{"name":"look","description":"Looks","type":"custom",
               "input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}],
             "tool_choice":{"type":"any","disable_parallel_tool_use":true},
             "metadata":{"user_id":"u"},"service_tier":"auto","thinking":{"type":"disabled"},
             "temperature":0.5,"top_p":0.9,"stop_sequences":["END","FIN"]}
            """);

    assertThat(call.asked)
        .isEqualTo(
            Call.json(
                """
                {"model":"upstream-model","messages":[
                  {"role":"system","content":"Be brief."},
                  {"role":"user","content":[{"type":"text","text":"What is this?"},
                    {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBOR"}},
                    {"type":"image_url","image_url":{"url":"https://example.org/a.jpg"}}]},
                  {"role":"assistant","content":"I look.","tool_calls":[
                    {"id":"toolu_1","type":"function","function":
                      {"name":"look","arguments":"{\\"city\\":\\"Ulm\\"}"}},
                    {"id":"toolu_2","type":"function","function":{"name":"now","arguments":"{}"}}]},
                  {"role":"tool","tool_call_id":"toolu_1","content":"sunny"},
                  {"role":"tool","tool_call_id":"toolu_2","content":"Error: no clock"},
                  {"role":"user","content":"So?"}],
                 "tools":[{"type":"function","function":{"name":"look","description":"Looks",
                   "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],
                 "parallel_tool_calls":false,"tool_choice":"required","max_tokens":50,
                 "temperature":0.5,"top_p":0.9,"stop":["END","FIN"],
                 "reasoning_effort":"none","stream":true,"stream_options":{"include_usage":true}}
                """));
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-5-mini,max_completion_tokens",
    "o4-mini,max_completion_tokens",
    "ft:gpt-4o:mine,max_completion_tokens",
    "gpt-oss:20b,max_tokens",
    "llama3,max_tokens",
    "openchat,max_tokens"
  })
  void theLimitHasTheNameThatTheModelsServerKnows(String model, String name) {
    Call call =
        Call.of(
            WireProtocol.ANTHROPIC_MESSAGES,
            WireProtocol.OPENAI_CHAT,
            QUESTION.replace("'max_tokens':9", "'max_tokens':99"),
            model);

    assertThat(call.asked.path(name).asInt()).isEqualTo(99);
    assertThat(call.asked.size()).isEqualTo(4);
  }

  @Test
  void anOutputFormatIsCarriedAsAStrictSchema() {
    Call call =
        call(
            "{'max_tokens':9,'messages':[{'role':'user','content':'x'}],'output_config':"
                + "{'format':{'type':'json_schema','schema':{'type':'object'}}}}");

    assertThat(call.asked.path("response_format"))
        .isEqualTo(
            Call.json(
                "{'type':'json_schema','json_schema':{'name':'answer','strict':true,"
                    + "'schema':{'type':'object'}}}"));
  }

  @ParameterizedTest
  @CsvSource({"auto,auto", "none,none", "any,required"})
  void theChoiceOfToolsIsCarried(String anthropic, String openAi) {
    Call call =
        call(
            "{'max_tokens':9,'messages':[{'role':'user','content':'x'}],'tools':[{'name':'f',"
                + "'input_schema':{}}],'tool_choice':{'type':'"
                + anthropic
                + "'}}");

    assertThat(call.asked.path("tool_choice").asText()).isEqualTo(openAi);
  }

  @Test
  void aNamedToolIsCarried() {
    Call call =
        call(
            "{'max_tokens':9,'messages':[{'role':'user','content':'x'}],'tools':[{'name':'f',"
                + "'input_schema':{}}],'tool_choice':{'type':'tool','name':'f'}}");

    assertThat(call.asked.path("tool_choice"))
        .isEqualTo(Call.json("{'type':'function','function':{'name':'f'}}"));
  }

  @Test
  void aWholeAnswerHasTextCallsAndUsage() throws IOException {
    Call call = call(QUESTION);

    var answer =
        call.whole(
            """
            {"id":"chatcmpl-1","object":"chat.completion","created":5,"model":"gpt-x","choices":[
              {"index":0,"message":{"role":"assistant","content":"Grüß Gott","refusal":null,
                "tool_calls":[
                 {"id":"call_1","type":"function","function":
                   {"name":"look","arguments":"{\\"city\\":\\"Ulm\\"}"}},
                 {"id":"call_2","type":"function","function":{"name":"now","arguments":""}}]},
               "finish_reason":"tool_calls"}],
             "usage":{"prompt_tokens":12,"completion_tokens":8,
               "prompt_tokens_details":{"cached_tokens":5}}}
            """);

    assertThat(answer)
        .isEqualTo(
            Call.json(
                """
                {"id":"chatcmpl-1","type":"message","role":"assistant","model":"gpt-x","content":[
                  {"type":"text","text":"Grüß Gott"},
                  {"type":"tool_use","id":"call_1","name":"look","input":{"city":"Ulm"},
                    "caller":{"type":"direct"}},
                  {"type":"tool_use","id":"call_2","name":"now","input":{},
                    "caller":{"type":"direct"}}],
                 "stop_reason":"tool_use","stop_sequence":null,
                 "usage":{"input_tokens":7,"output_tokens":8,"cache_creation_input_tokens":0,
                   "cache_read_input_tokens":5}}
                """));
    assertThat(call.translation.inputTokens()).isEqualTo(12);
    assertThat(call.translation.outputTokens()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({
    "stop,end_turn",
    "length,max_tokens",
    "tool_calls,tool_use",
    "content_filter,refusal",
    "something_new,end_turn"
  })
  void theReasonOfTheEndIsCarried(String openAi, String anthropic) throws IOException {
    var answer =
        call(QUESTION)
            .whole(
                HEAD
                    + "{'index':0,'message':{'role':'assistant','content':'x'},'finish_reason':'"
                    + openAi
                    + "'}]}");

    assertThat(answer.path("stop_reason").asText()).isEqualTo(anthropic);
  }

  @Test
  void aRefusalIsATextThatEndsAsARefusal() throws IOException {
    var answer =
        call(QUESTION)
            .whole(
                HEAD
                    + "{'message':{'content':null,'refusal':'I will not'},"
                    + "'finish_reason':'stop'}]}");

    assertThat(answer.at("/content/0/text").asText()).isEqualTo("I will not");
    assertThat(answer.path("stop_reason").asText()).isEqualTo("refusal");
  }

  @Test
  void callsThatAServerEndsWithStopAreCalls() throws IOException {
    Call call = call(STREAMED);

    Received received =
        Received.anthropic(
            call.stream(
                List.of(
                    delta(
                        "{'tool_calls':[{'index':0,'id':'c','function':"
                            + "{'name':'f','arguments':'{}'}}]}"),
                    finish("stop"),
                    "[DONE]")));

    assertThat(received.stop).isEqualTo("tool_use");
    assertThat(received.calls).containsExactly("c f {}");
  }

  @Test
  void aStreamKeepsToTheRulesOfTheOfficialClient() throws IOException {
    Call call = call(STREAMED);

    Received received =
        Received.anthropic(
            call.stream(
                List.of(
                    "{'id':'','model':'','choices':[],'prompt_filter_results':[]}",
                    delta("{'role':'assistant','content':''}"),
                    delta("{'content':'Grüß '}"),
                    delta("{'content':'Gott 😀'}"),
                    delta(
                        "{'tool_calls':[{'index':0,'id':'call_1','type':'function',"
                            + "'function':{'name':'look','arguments':''}}]}"),
                    fragment(0, "{\\'city\\':"),
                    fragment(0, "\\'Ulm\\'}"),
                    delta(
                        "{'tool_calls':[{'index':1,'id':'call_2','type':'function',"
                            + "'function':{'name':'now','arguments':'{}'}}]}"),
                    finish("tool_calls"),
                    USAGE,
                    "[DONE]")));

    assertThat(received.text).hasToString("Grüß Gott 😀");
    assertThat(received.calls).containsExactly("call_1 look {\"city\":\"Ulm\"}", "call_2 now {}");
    assertThat(received.stop).isEqualTo("tool_use");
    assertThat(received.model).isEqualTo("gpt-x");
    assertThat(received.usage.path("input_tokens").asInt()).isEqualTo(7);
    assertThat(received.usage.path("cache_read_input_tokens").asInt()).isEqualTo(5);
    assertThat(received.usage.path("output_tokens").asInt()).isEqualTo(8);
    assertThat(call.translation.inputTokens()).isEqualTo(12);
  }

  @Test
  void anAnswerIsCompleteWithoutDoneAndWithoutUsage() throws IOException {
    Call call = call(STREAMED);

    Received received =
        Received.anthropic(call.stream(List.of(delta("{'content':'x'}"), finish("length"))));

    assertThat(received.stop).isEqualTo("max_tokens");
    assertThat(call.translation.inputTokens()).isEqualTo(-1);
    assertThat(call.translation.outputTokens()).isEqualTo(-1);
  }

  @Test
  void anEmptyAnswerIsStillAMessage() throws IOException {
    Received received = Received.anthropic(call(STREAMED).stream(List.of(NAMELESS, "[DONE]")));

    assertThat(received.text).isEmpty();
    assertThat(received.stop).isEqualTo("end_turn");
    assertThat(received.model).isEqualTo(Call.MODEL);
  }

  @Test
  void aStreamWithoutAWordIsAFailure() {
    assertThatThrownBy(() -> call(STREAMED).piece("[DONE]")).isInstanceOf(IOException.class);
  }

  @Test
  void anEmptyReasonIsNoEnd() throws IOException {
    Received received =
        Received.anthropic(
            call(STREAMED).stream(
                List.of(
                    HEAD + "{'index':0,'delta':{'content':'a'},'finish_reason':''}]}",
                    HEAD + "{'index':0,'delta':{'content':'b'},'finish_reason':''}]}",
                    finish("length"),
                    "[DONE]")));

    assertThat(received.text).hasToString("ab");
    assertThat(received.stop).isEqualTo("max_tokens");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'choices':[{'index':0,'delta':{'content':''},'finish_reason':'error'}]}",
        "{'choices':[{'index':0,'delta':{},'error':{'code':502}}]}",
        "{'error':{'code':502},'choices':[{'index':0,'delta':{'content':'x'}}]}"
      })
  void anErrorBesideOrWithinAnAnswerIsAnError(String chunk) throws IOException {
    Call call = call(STREAMED);
    call.piece(delta("{'content':'x'}"));

    assertThatThrownBy(() -> call.piece(chunk)).isInstanceOf(UpstreamErrorException.class);
  }

  @Test
  void callsWithTheSameIndexAreToldApartByTheirIdentifiers() throws IOException {
    Received received =
        Received.anthropic(
            call(STREAMED).stream(
                List.of(
                    delta(
                        "{'tool_calls':[{'index':0,'id':'a','function':{'name':'f',"
                            + "'arguments':'{}'}},{'index':0,'id':'b','function':"
                            + "{'name':'g','arguments':'{}'}}]}"),
                    finish("tool_calls"))));

    assertThat(received.calls).containsExactly("a f {}", "b g {}");
  }

  @Test
  void callsThatAreMixedAreNotGuessedAt() throws IOException {
    Call call = call(STREAMED);
    call.piece(
        delta(
            "{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':''}},"
                + "{'index':1,'id':'b','function':{'name':'g','arguments':''}}]}"));

    assertThatThrownBy(() -> call.piece(fragment(0, "{}"))).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{'error':{'message':'sk-secret','type':'server_error'}}", "{'sk-secret", "[]"})
  void anErrorInTheStreamIsToldWithoutAWordOfIt(String event) throws IOException {
    Call call = call(STREAMED);
    call.piece(delta("{'content':'x'}"));

    assertThatThrownBy(() -> call.piece(event))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'error':{'message':'sk-secret'}}",
        "{'choices':[]}",
        "{'choices':'sk-secret'}",
        "sk-secret",
        "{'choices':[{'message':{'content':null,'tool_calls':[{'id':'c','function':"
            + "{'name':'f','arguments':'sk-secret'}}]}}]}"
      })
  void aForeignAnswerIsToldWithoutAWordOfIt(String body) {
    Call call = call(QUESTION);

    assertThatThrownBy(() -> call.whole(body))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }
}
