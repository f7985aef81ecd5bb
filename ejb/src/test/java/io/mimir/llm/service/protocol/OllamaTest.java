package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OLLAMA_CHAT;
import static io.mimir.llm.WireProtocol.OLLAMA_EMBED;
import static io.mimir.llm.WireProtocol.OLLAMA_GENERATE;
import static io.mimir.llm.WireProtocol.OPENAI_CHAT;
import static io.mimir.llm.WireProtocol.OPENAI_EMBEDDINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OllamaTest {

  private static final String CHAT =
      """
      {"model":"a","keep_alive":"5m","think":false,"messages":[
        {"role":"system","content":"Be brief."},
        {"role":"user","content":"What is this?","images":["iVBORw0KGgoAAA"]},
        {"role":"assistant","content":"","thinking":"","tool_calls":[
          {"function":{"name":"look","arguments":{"city":"Ulm"}}},
          {"function":{"name":"now","arguments":{}}}]},
        {"role":"tool","tool_name":"now","content":"noon"},
        {"role":"tool","content":"sunny"}],
       "tools":[{"type":"function","function":{"name":"look","description":"Looks",
         "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],
       "options":{"temperature":0.5,"top_p":0.9,"num_predict":77,"num_ctx":8192,"stop":["END"]}}
      """;
  private static final String SHORT = "{'messages':[{'role':'user','content':'x'}]}";

  private static final String HEAD = "{'id':'chatcmpl-1','created':5,'model':'gpt-x','choices':[";
  static final List<String> CHUNKS =
      List.of(
          HEAD + "{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':null}]}",
          HEAD + "{'index':0,'delta':{'content':'Grüß '},'finish_reason':null}]}",
          HEAD + "{'index':0,'delta':{'content':'Gott 😀'},'finish_reason':null}]}",
          HEAD
              + "{'index':0,'delta':{'tool_calls':[{'index':0,'id':'call_1','type':'function',"
              + "'function':{'name':'look','arguments':'{\\'ci'}}]}}]}",
          HEAD
              + "{'index':0,'delta':{'tool_calls':[{'index':0,"
              + "'function':{'arguments':'ty\\':\\'Ulm\\'}'}}]}}]}",
          HEAD
              + "{'index':0,'delta':{'tool_calls':[{'index':1,'id':'call_2','type':'function',"
              + "'function':{'name':'now','arguments':''}}]}}]}",
          HEAD + "{'index':0,'delta':{},'finish_reason':'tool_calls'}]}",
          HEAD + "],'usage':{'prompt_tokens':12,'completion_tokens':8}}",
          "[DONE]");
  static final List<String> EVENTS =
      List.of(
          "message_start|{'type':'message_start','message':{'id':'msg_1','model':'claude-x',"
              + "'usage':{'input_tokens':12,'output_tokens':1}}}",
          "content_block_start|{'type':'content_block_start','content_block':{'type':'text'}}",
          "content_block_delta|{'type':'content_block_delta',"
              + "'delta':{'type':'text_delta','text':'Grüß '}}",
          "content_block_delta|{'type':'content_block_delta',"
              + "'delta':{'type':'text_delta','text':'Gott 😀'}}",
          "content_block_stop|{'type':'content_block_stop'}",
          "content_block_start|{'type':'content_block_start','content_block':"
              + "{'type':'tool_use','id':'call_1','name':'look','input':{}}}",
          "content_block_delta|{'type':'content_block_delta',"
              + "'delta':{'type':'input_json_delta','partial_json':'{\\'ci'}}",
          "content_block_delta|{'type':'content_block_delta',"
              + "'delta':{'type':'input_json_delta','partial_json':'ty\\':\\'Ulm\\'}'}}",
          "content_block_stop|{'type':'content_block_stop'}",
          "content_block_start|{'type':'content_block_start','content_block':"
              + "{'type':'tool_use','id':'call_2','name':'now','input':{}}}",
          "content_block_stop|{'type':'content_block_stop'}",
          "message_delta|{'type':'message_delta','delta':{'stop_reason':'tool_use'},"
              + "'usage':{'output_tokens':8}}",
          "message_stop|{'type':'message_stop'}");

  @Test
  void aChatIsAskedInOpenAis() {
    assertThat(Call.of(OLLAMA_CHAT, OPENAI_CHAT, CHAT).asked)
        .isEqualTo(
            Call.json(
                """
                {"model":"upstream-model","messages":[
                  {"role":"system","content":"Be brief."},
                  {"role":"user","content":[{"type":"text","text":"What is this?"},
                    {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAA"}}]},
                  {"role":"assistant","content":null,"tool_calls":[
                    {"id":"call_1","type":"function","function":
                      {"name":"look","arguments":"{\\"city\\":\\"Ulm\\"}"}},
                    {"id":"call_2","type":"function","function":{"name":"now","arguments":"{}"}}]},
                  {"role":"tool","tool_call_id":"call_2","content":"noon"},
                  {"role":"tool","tool_call_id":"call_1","content":"sunny"}],
                 "tools":[{"type":"function","function":{"name":"look","description":"Looks",
                   "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],
                 "max_tokens":77,"temperature":0.5,"top_p":0.9,"stop":["END"],
                 "reasoning_effort":"none","stream":true,"stream_options":{"include_usage":true}}
                """));
  }

  @Test
  void aChatIsAskedInAnthropics() {
    assertThat(Call.of(OLLAMA_CHAT, ANTHROPIC_MESSAGES, CHAT).asked)
        .isEqualTo(
            Call.json(
                """
                {"model":"upstream-model","max_tokens":77,
                 "system":[{"type":"text","text":"Be brief."}],
                 "messages":[
                  {"role":"user","content":[{"type":"text","text":"What is this?"},
                    {"type":"image","source":
                      {"type":"base64","media_type":"image/png","data":"iVBORw0KGgoAAA"}}]},
                  {"role":"assistant","content":[
                    {"type":"tool_use","id":"call_1","name":"look","input":{"city":"Ulm"}},
                    {"type":"tool_use","id":"call_2","name":"now","input":{}}]},
                  {"role":"user","content":[
                    {"type":"tool_result","tool_use_id":"call_2",
                      "content":[{"type":"text","text":"noon"}]},
                    {"type":"tool_result","tool_use_id":"call_1",
                      "content":[{"type":"text","text":"sunny"}]}]}],
                 "tools":[{"name":"look","description":"Looks",
                   "input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}],
                 "temperature":0.5,"top_p":0.9,"stop_sequences":["END"],"stream":true}
                """));
  }

  @Test
  void callsOfTheSameNameAreAnsweredInOrder() {
    Call call =
        Call.of(
            OLLAMA_CHAT,
            OPENAI_CHAT,
            "{'messages':[{'role':'user','content':'x'},{'role':'assistant','tool_calls':["
                + "{'function':{'name':'f'}},{'id':'mine','function':{'name':'f'}},"
                + "{'function':{'name':'f'}}]},{'role':'tool','tool_call_id':'mine','content':'2'},"
                + "{'role':'tool','tool_name':'f','content':'1'},"
                + "{'role':'tool','tool_name':'f','content':'3'}]}");

    assertThat(call.asked.path("messages").findValuesAsText("tool_call_id"))
        .containsExactly("mine", "call_1", "call_2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'role':'tool','content':'x'}",
        "{'role':'assistant','tool_calls':[{'function':{'name':'f'}}]},"
            + "{'role':'tool','tool_name':'g','content':'x'}",
        "{'role':'assistant','tool_calls':[{'function':{'name':'f'}}]},"
            + "{'role':'tool','content':'x'},{'role':'tool','content':'x'}"
      })
  void aResultThatNobodyWaitsForIsRefused(String messages) {
    String body = "{'messages':[{'role':'user','content':'x'}," + messages + "]}";

    assertThatThrownBy(() -> Call.of(OLLAMA_CHAT, OPENAI_CHAT, body))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining(".tool_name must name a call that waits for its result");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'json';{'type':'json_object'}",
        "{'type':'object'};{'type':'json_schema','json_schema':"
            + "{'name':'answer','strict':true,'schema':{'type':'object'}}}"
      },
      quoteCharacter = '`')
  void aFormatIsCarriedToOpenAi(String format, String said) {
    Call call =
        Call.of(
            OLLAMA_CHAT,
            OPENAI_CHAT,
            "{'format':" + format + ",'messages':[{'role':'user','content':'x'}]}");

    assertThat(call.asked.path("response_format")).isEqualTo(Call.json(said));
  }

  @Test
  void noLimitIsNoLimit() {
    String body = "{'options':{'num_predict':-1},'messages':[{'role':'user','content':'x'}]}";

    assertThat(Call.of(OLLAMA_CHAT, OPENAI_CHAT, body).asked.has("max_tokens")).isFalse();
    assertThat(Call.of(OLLAMA_CHAT, ANTHROPIC_MESSAGES, body).asked.path("max_tokens").asInt())
        .isEqualTo(4096);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aGeneratedAnswerIsAskedForWithOneMessage(boolean anthropic) {
    Call call =
        Call.of(
            OLLAMA_GENERATE,
            anthropic ? ANTHROPIC_MESSAGES : OPENAI_CHAT,
            "{'model':'a','prompt':'Hello','system':'Be brief.','images':['/9j/AA'],"
                + "'stream':false,'raw':false,'suffix':'','context':[]}");

    assertThat(call.translation.isStreamed()).isFalse();
    if (anthropic) {
      assertThat(call.asked)
          .isEqualTo(
              Call.json(
                  """
                  {"model":"upstream-model","max_tokens":4096,
                   "system":[{"type":"text","text":"Be brief."}],
                   "messages":[{"role":"user","content":[{"type":"text","text":"Hello"},
                     {"type":"image","source":
                       {"type":"base64","media_type":"image/jpeg","data":"/9j/AA"}}]}],
                   "stream":false}
                  """));
    } else {
      assertThat(call.asked)
          .isEqualTo(
              Call.json(
                  """
                  {"model":"upstream-model","messages":[{"role":"system","content":"Be brief."},
                   {"role":"user","content":[{"type":"text","text":"Hello"},
                     {"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/AA"}}]}],
                   "stream":false}
                  """));
    }
  }

  @Test
  void streamsKeepToTheRulesOfTheOfficialClient() throws IOException {
    for (WireProtocol upstream : List.of(OPENAI_CHAT, ANTHROPIC_MESSAGES)) {
      Call call = Call.of(OLLAMA_CHAT, upstream, SHORT);

      Received received =
          Received.ollama(call.stream(upstream == OPENAI_CHAT ? CHUNKS : EVENTS), true);

      assertThat(received.text).hasToString("Grüß Gott 😀");
      assertThat(received.calls).containsExactly("call_1 look {\"city\":\"Ulm\"}", "call_2 now {}");
      assertThat(received.stop).isEqualTo("stop");
      assertThat(received.model).isEqualTo(upstream == OPENAI_CHAT ? "gpt-x" : "claude-x");
      assertThat(received.usage.path("prompt_eval_count").asInt()).isEqualTo(12);
      assertThat(received.usage.path("eval_count").asInt()).isEqualTo(8);
      assertThat(received.usage.path("total_duration").asLong()).isPositive();
      assertThat(call.translation.streamType()).isEqualTo("application/x-ndjson");
    }
  }

  @Test
  void generatedAnswersAreStreamedAsResponses() throws IOException {
    Call call = Call.of(OLLAMA_GENERATE, ANTHROPIC_MESSAGES, "{'prompt':'x'}");
    List<String> events =
        List.of(
            EVENTS.get(0),
            EVENTS.get(2),
            "message_delta|{'type':'message_delta','delta':{'stop_reason':'max_tokens'}}",
            "message_stop|{'type':'message_stop'}");

    String stream = call.stream(events);

    assertThat(stream).doesNotContain("message\"");
    Received received = Received.ollama(stream, false);
    assertThat(received.text).hasToString("Grüß ");
    assertThat(received.stop).isEqualTo("length");
  }

  @Test
  void wholeAnswersAreOneLineThatIsDone() throws IOException {
    JsonNode openAi =
        Call.of(OLLAMA_CHAT, OPENAI_CHAT, SHORT)
            .whole(
                HEAD
                    + "{'message':{'content':'Hi','tool_calls':[{'id':'call_1','function':"
                    + "{'name':'look','arguments':'{\\'city\\':\\'Ulm\\'}'}}]},"
                    + "'finish_reason':'tool_calls'}],"
                    + "'usage':{'prompt_tokens':12,'completion_tokens':8}}");
    JsonNode anthropic =
        Call.of(OLLAMA_GENERATE, ANTHROPIC_MESSAGES, "{'prompt':'x','stream':false}")
            .whole(
                "{'model':'claude-x','content':[{'type':'text','text':'Hi'}],"
                    + "'stop_reason':'end_turn'}");

    Received chat = Received.ollama(openAi.toString(), true);
    assertThat(chat.text).hasToString("Hi");
    assertThat(chat.calls).containsExactly("call_1 look {\"city\":\"Ulm\"}");
    assertThat(chat.usage.path("eval_count").asInt()).isEqualTo(8);
    Received generated = Received.ollama(anthropic.toString(), false);
    assertThat(generated.text).hasToString("Hi");
    assertThat(generated.stop).isEqualTo("stop");
  }

  @Test
  void argumentsThatAreNoObjectAreNotPassedOn() throws IOException {
    Call call = Call.of(OLLAMA_CHAT, OPENAI_CHAT, SHORT);
    call.piece(
        HEAD
            + "{'index':0,'delta':{'tool_calls':[{'index':0,'id':'c','function':"
            + "{'name':'f','arguments':'{sk-secret'}}]}}]}");

    assertThatThrownBy(() -> call.piece("[DONE]"))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'one'", "['one','two']"})
  void textsAreEmbedded(String input) throws IOException {
    Call call =
        Call.of(
            OLLAMA_EMBED,
            OPENAI_EMBEDDINGS,
            "{'model':'a','truncate':true,'keep_alive':0,'options':{},'dimensions':2,'input':"
                + input
                + "}");

    assertThat(call.asked)
        .isEqualTo(
            Call.json(
                "{'model':'upstream-model','input':"
                    + input
                    + ",'encoding_format':'float','dimensions':2}"));
    JsonNode answer =
        call.whole(
            "{'object':'list','model':'embed-x','data':[{'index':1,'embedding':[0.3,0.4]},"
                + "{'index':0,'embedding':[0.1,-2e-7]}],'usage':{'prompt_tokens':6}}");
    assertThat(answer.path("embeddings")).isEqualTo(Call.json("[[0.1,-2e-7],[0.3,0.4]]"));
    assertThat(answer.path("model").asText()).isEqualTo("embed-x");
    assertThat(answer.path("prompt_eval_count").asInt()).isEqualTo(6);
    assertThat(answer.path("total_duration").isIntegralNumber()).isTrue();
    assertThat(call.translation.inputTokens()).isEqualTo(6);
    assertThat(call.translation.isComplete()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "sk-secret",
        "{'data':[{'embedding':'sk-secret'}]}",
        "{'data':[{'index':0,'embedding':[1]},{'index':0,'embedding':[1]}]}",
        "{'data':[{'index':7,'embedding':[1]}]}"
      })
  void foreignVectorsAreNotPassedOn(String body) {
    Call call = Call.of(OLLAMA_EMBED, OPENAI_EMBEDDINGS, "{'input':'x'}");

    assertThatThrownBy(() -> call.whole(body))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("secret");
  }
}
