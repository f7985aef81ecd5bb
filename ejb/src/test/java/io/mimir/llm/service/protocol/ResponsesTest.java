package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OPENAI_CHAT;
import static io.mimir.llm.WireProtocol.OPENAI_RESPONSES;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponsesTest {

  private static final String CONVERSATION =
      """
      {"model":"a","instructions":"Be brief.","input":[
        {"role":"user","content":[{"type":"input_text","text":"What is this?"},
          {"type":"input_image","detail":"auto","image_url":"data:image/png;base64,iVBOR"}]},
        {"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[
          {"type":"output_text","text":"I look.","annotations":[],"logprobs":[]}]},
        {"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"look",
          "arguments":"{\\"city\\":\\"Ulm\\"}"},
        {"type":"function_call","call_id":"call_2","name":"now","arguments":"{}"},
        {"type":"function_call_output","call_id":"call_1","output":"sunny"},
        {"type":"function_call_output","call_id":"call_2",
          "output":[{"type":"input_text","text":"noon"}]}],
       "tools":[{"type":"function","name":"look","description":"Looks","strict":true,
         "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}],
       "tool_choice":"required","parallel_tool_calls":false,"max_output_tokens":77,
       "temperature":0.5,"top_p":0.9,"metadata":{"k":"v"},"store":false,
       "text":{"format":{"type":"json_schema","name":"n","strict":true,
         "schema":{"type":"object"}}}}
      """;
  private static final String SHORT = "{'input':'x'}";
  private static final String STREAMED = "{'input':'x','stream':true}";

  @Test
  void aConversationIsAskedInOpenAisChat() {
    assertThat(Call.of(OPENAI_RESPONSES, OPENAI_CHAT, CONVERSATION).asked)
        .isEqualTo(
            Call.json(
                """
                {"model":"upstream-model","messages":[
                  {"role":"system","content":"Be brief."},
                  {"role":"user","content":[{"type":"text","text":"What is this?"},
                    {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBOR"}}]},
                  {"role":"assistant","content":"I look.","tool_calls":[
                    {"id":"call_1","type":"function","function":
                      {"name":"look","arguments":"{\\"city\\":\\"Ulm\\"}"}},
                    {"id":"call_2","type":"function","function":{"name":"now","arguments":"{}"}}]},
                  {"role":"tool","tool_call_id":"call_1","content":"sunny"},
                  {"role":"tool","tool_call_id":"call_2","content":"noon"}],
                 "tools":[{"type":"function","function":{"name":"look","description":"Looks",
                   "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],
                 "parallel_tool_calls":false,"tool_choice":"required",
                 "response_format":{"type":"json_schema","json_schema":
                   {"name":"answer","strict":true,"schema":{"type":"object"}}},
                 "max_tokens":77,"temperature":0.5,"top_p":0.9,"stream":false}
                """));
  }

  @Test
  void aConversationIsAskedInAnthropics() {
    assertThat(Call.of(OPENAI_RESPONSES, ANTHROPIC_MESSAGES, CONVERSATION).asked)
        .isEqualTo(
            Call.json(
                """
                {"model":"upstream-model","max_tokens":77,
                 "system":[{"type":"text","text":"Be brief."}],
                 "messages":[
                  {"role":"user","content":[{"type":"text","text":"What is this?"},
                    {"type":"image","source":
                      {"type":"base64","media_type":"image/png","data":"iVBOR"}}]},
                  {"role":"assistant","content":[{"type":"text","text":"I look."},
                    {"type":"tool_use","id":"call_1","name":"look","input":{"city":"Ulm"}},
                    {"type":"tool_use","id":"call_2","name":"now","input":{}}]},
                  {"role":"user","content":[
                    {"type":"tool_result","tool_use_id":"call_1",
                      "content":[{"type":"text","text":"sunny"}]},
                    {"type":"tool_result","tool_use_id":"call_2",
                      "content":[{"type":"text","text":"noon"}]}]}],
                 "tools":[{"name":"look","description":"Looks","strict":true,
                   "input_schema":{"type":"object","properties":{"city":{"type":"string"}},
                     "additionalProperties":false}}],
                 "tool_choice":{"type":"any","disable_parallel_tool_use":true},
                 "output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},
                 "temperature":0.5,"top_p":0.9,"stream":false}
                """));
  }

  @Test
  void streamsKeepToTheRulesOfTheOfficialClient() throws IOException {
    for (WireProtocol upstream : List.of(OPENAI_CHAT, ANTHROPIC_MESSAGES)) {
      Call call = Call.of(OPENAI_RESPONSES, upstream, STREAMED);
      boolean openAi = upstream == OPENAI_CHAT;

      Received received =
          Received.responses(call.stream(openAi ? OllamaTest.CHUNKS : OllamaTest.EVENTS));

      assertThat(received.text).hasToString("Grüß Gott 😀");
      assertThat(received.calls).containsExactly("call_1 look {\"city\":\"Ulm\"}", "call_2 now {}");
      assertThat(received.stop).isEqualTo("completed");
      assertThat(received.model).isEqualTo(openAi ? "gpt-x" : "claude-x");
      assertThat(received.usage.path("input_tokens").asInt()).isEqualTo(12);
      assertThat(received.usage.path("output_tokens").asInt()).isEqualTo(8);
      assertThat(received.usage.path("total_tokens").asInt()).isEqualTo(20);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "stop,completed",
    "length,incompletemax_output_tokens",
    "content_filter,incompletecontent_filter"
  })
  void theReasonOfTheEndIsCarried(String reason, String status) throws IOException {
    String head = "{'id':'c','created':5,'model':'gpt-x','choices':[{'index':0,";
    String end = ",'finish_reason':'" + reason + "'}]}";

    JsonNode whole =
        Call.of(OPENAI_RESPONSES, OPENAI_CHAT, SHORT)
            .whole(head + "'message':{'content':'Hi'}" + end);
    String stream =
        Call.of(OPENAI_RESPONSES, OPENAI_CHAT, STREAMED).stream(
            List.of(head + "'delta':{'content':'Hi'}" + end));

    assertThat(Received.response(whole).stop).isEqualTo(status);
    assertThat(Received.response(whole).text).hasToString("Hi");
    assertThat(Received.responses(stream).stop).isEqualTo(status);
    assertThat(Received.responses(stream).text).hasToString("Hi");
  }

  @Test
  void aWholeAnswerRepeatsHowItWasAskedFor() throws IOException {
    JsonNode answer =
        Call.of(OPENAI_RESPONSES, ANTHROPIC_MESSAGES, CONVERSATION)
            .whole(
                "{'id':'msg_1','model':'claude-x','content':[{'type':'text','text':'Hi'},"
                    + "{'type':'tool_use','id':'toolu_1','name':'look','input':{'city':'Ulm'}}],"
                    + "'stop_reason':'tool_use','usage':{'input_tokens':3,'output_tokens':4}}");

    Received received = Received.response(answer);
    assertThat(received.text).hasToString("Hi");
    assertThat(received.calls).containsExactly("toolu_1 look {\"city\":\"Ulm\"}");
    JsonNode asked = Call.json(CONVERSATION);
    for (String name : List.of("instructions", "metadata", "tools", "tool_choice")) {
      assertThat(answer.path(name)).as(name).isEqualTo(asked.path(name));
    }
    assertThat(answer.at("/text/format")).isEqualTo(asked.at("/text/format"));
    assertThat(answer.path("parallel_tool_calls").asBoolean()).isFalse();
    assertThat(answer.path("store").asBoolean()).isFalse();
  }

  @Test
  void aStreamBeginsAtOnce() throws IOException {
    Call call = Call.of(OPENAI_RESPONSES, ANTHROPIC_MESSAGES, STREAMED);

    assertThat(new String(call.piece(OllamaTest.EVENTS.get(0)), UTF_8))
        .startsWith("event: response.created\n");
  }

  @Test
  void aStreamThatBreaksOffFailsInTheProtocolsWords() throws IOException {
    Call call = Call.of(OPENAI_RESPONSES, ANTHROPIC_MESSAGES, STREAMED);
    String begun =
        new String(call.piece(OllamaTest.EVENTS.get(0)), UTF_8)
            + new String(call.piece(OllamaTest.EVENTS.get(2)), UTF_8);

    String failed = new String(call.translation.failure("server_error", "It broke off."), UTF_8);

    assertThat(failed).startsWith("event: response.failed\ndata: ").endsWith("\n\n");
    JsonNode event = Call.json(failed.substring(failed.indexOf('{')).getBytes(UTF_8));
    assertThat(event.path("sequence_number").asInt()).isEqualTo(begun.split("\n\n").length);
    assertThat(event.at("/response/status").asText()).isEqualTo("failed");
    assertThat(event.at("/response/error"))
        .isEqualTo(Call.json("{'code':'server_error','message':'It broke off.'}"));
    assertThat(call.translation.failure("server_error", "Again.")).isEmpty();
    assertThat(call.piece(OllamaTest.EVENTS.get(3))).isEmpty();
  }

  @Test
  void whatWasMadeOfABrokenEventComesBeforeTheFailure() throws IOException {
    Call call = Call.of(OPENAI_RESPONSES, OPENAI_CHAT, STREAMED);
    call.piece("{'id':'c','created':5,'model':'m','choices':[{'index':0,'delta':{}}]}");
    assertThatThrownBy(
            () ->
                call.piece(
                    "{'id':'c','created':5,'model':'m','choices':[{'index':0,'delta':"
                        + "{'content':'Hi','tool_calls':[{'index':0,'function':{}}]}}]}"))
        .isInstanceOf(IOException.class);

    String failed = new String(call.translation.failure("server_error", "Broken."), UTF_8);

    assertThat(failed.split("\n\n")[0]).contains("\"sequence_number\":2");
    assertThat(failed).containsSubsequence("output_text.delta", "response.failed");
  }

  @Test
  void aStreamThatNeverBeganAndOtherProtocolsNeedNoSuchWords() throws IOException {
    Call call = Call.of(OPENAI_RESPONSES, ANTHROPIC_MESSAGES, STREAMED);
    assertThat(call.translation.failure("server_error", "It broke off.")).isEmpty();

    Call chat =
        Call.of(
            OPENAI_CHAT,
            ANTHROPIC_MESSAGES,
            "{'stream':true,'messages':[{'role':'user','content':'x'}]}");
    chat.piece(OllamaTest.EVENTS.get(0));
    assertThat(chat.translation.failure("server_error", "It broke off.")).isEmpty();
  }
}
