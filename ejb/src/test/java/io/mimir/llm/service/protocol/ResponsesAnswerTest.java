package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OLLAMA_CHAT;
import static io.mimir.llm.WireProtocol.OLLAMA_GENERATE;
import static io.mimir.llm.WireProtocol.OPENAI_RESPONSES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.LlmException;
import io.mimir.llm.SseReader;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.WireProtocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What OpenAI answers in its responses, told to clients of other protocols. */
class ResponsesAnswerTest {

  private static final String USAGE =
      "'usage':{'input_tokens':12,'input_tokens_details':{'cached_tokens':5,"
          + "'cache_write_tokens':2},'output_tokens':8,"
          + "'output_tokens_details':{'reasoning_tokens':3},'total_tokens':20}";
  private static final String MESSAGE =
      "{'type':'message','id':'msg_1','role':'assistant','content':["
          + "{'type':'output_text','text':'Grüß Gott 😀','annotations':[]}]}";
  private static final String LOOK =
      "{'type':'function_call','id':'fc_1','call_id':'call_1','name':'look',"
          + "'arguments':'{\\'city\\':\\'Ulm\\'}'}";
  private static final String NOW =
      "{'type':'function_call','id':'fc_2','call_id':'call_2','name':'now','arguments':''}";
  private static final String OUTPUT =
      "'output':[{'type':'reasoning','id':'rs_1','summary':[],'encrypted_content':'e'},"
          + MESSAGE
          + ","
          + LOOK
          + ","
          + NOW
          + "]";
  private static final String HEAD =
      "'id':'resp_1','object':'response','created_at':5,'model':'gpt-x','error':null";

  static final String WHOLE =
      "{" + HEAD + ",'status':'completed','incomplete_details':null," + OUTPUT + "," + USAGE + "}";

  static final List<String> EVENTS =
      List.of(
          "response.created|{'type':'response.created','response':{" + HEAD + ",'output':[]}}",
          "response.in_progress|{'type':'response.in_progress','response':{" + HEAD + "}}",
          "response.output_item.added|{'type':'response.output_item.added','output_index':0,"
              + "'item':{'type':'reasoning','id':'rs_1','summary':[],'encrypted_content':'x'}}",
          "response.output_item.done|{'type':'response.output_item.done','output_index':0,"
              + "'item':{'type':'reasoning','id':'rs_1','summary':[],'encrypted_content':'e'}}",
          "response.output_item.added|{'type':'response.output_item.added','output_index':1,"
              + "'item':{'type':'message','id':'msg_1','role':'assistant','content':[]}}",
          "response.content_part.added|{'type':'response.content_part.added','output_index':1,"
              + "'part':{'type':'output_text','text':''}}",
          text("Grüß "),
          text("Gott 😀"),
          "response.output_text.done|{'type':'response.output_text.done','output_index':1,"
              + "'text':'Grüß Gott 😀'}",
          "response.output_item.done|{'type':'response.output_item.done','output_index':1,"
              + "'item':"
              + MESSAGE
              + "}",
          "response.output_item.added|{'type':'response.output_item.added','output_index':2,"
              + "'item':{'type':'function_call','call_id':'call_1','name':'look',"
              + "'arguments':''}}",
          arguments(2, "{\\'ci"),
          arguments(2, "ty\\':\\'Ulm\\'}"),
          "response.function_call_arguments.done|{'type':'response.function_call_arguments.done',"
              + "'output_index':2,'arguments':'{\\'city\\':\\'Ulm\\'}'}",
          "response.output_item.done|{'type':'response.output_item.done','output_index':2,"
              + "'item':"
              + LOOK
              + "}",
          "response.output_item.added|{'type':'response.output_item.added','output_index':3,"
              + "'item':"
              + NOW
              + "}",
          "response.output_item.done|{'type':'response.output_item.done','output_index':3,"
              + "'item':"
              + NOW
              + "}",
          "response.completed|{'type':'response.completed','response':" + WHOLE + "}");

  private static String text(String delta) {
    return "response.output_text.delta|{'type':'response.output_text.delta','output_index':1,"
        + "'delta':'"
        + delta
        + "','logprobs':[]}";
  }

  private static String arguments(int place, String delta) {
    return "response.function_call_arguments.delta|{'type':"
        + "'response.function_call_arguments.delta','output_index':"
        + place
        + ",'delta':'"
        + delta
        + "'}";
  }

  private static Call ask(WireProtocol client, String fields) {
    String said =
        client == OLLAMA_GENERATE ? "'prompt':'x'" : "'messages':[{'role':'user','content':'x'}]";
    String limit = client == ANTHROPIC_MESSAGES ? "'max_tokens':99," : "";
    return Call.of(client, OPENAI_RESPONSES, "{" + limit + said + fields + "}", "gpt-5.5");
  }

  private static Call streaming() {
    return ask(ANTHROPIC_MESSAGES, ",'stream':true");
  }

  private static String response(String members) {
    return "{" + HEAD + "," + members + "}";
  }

  private static String end(String type, String members) {
    return "{'type':'response." + type + "','response':" + response(members) + "}";
  }

  @Test
  void anAnthropicClientGetsTextsCallsAndCounts() throws IOException {
    JsonNode answer = ask(ANTHROPIC_MESSAGES, "").whole(WHOLE);

    assertThat(answer.path("content"))
        .isEqualTo(
            Call.json(
                "[{'type':'text','text':'Grüß Gott 😀'},{'type':'tool_use','id':'call_1',"
                    + "'name':'look','input':{'city':'Ulm'},'caller':{'type':'direct'}},"
                    + "{'type':'tool_use','id':'call_2','name':'now','input':{},"
                    + "'caller':{'type':'direct'}}]"));
    assertThat(answer.path("stop_reason").asText()).isEqualTo("tool_use");
    assertThat(answer.path("model").asText()).isEqualTo("gpt-x");
    assertThat(answer.path("usage"))
        .isEqualTo(
            Call.json(
                "{'input_tokens':5,'output_tokens':8,'cache_creation_input_tokens':2,"
                    + "'cache_read_input_tokens':5}"));
  }

  @Test
  void aStreamSaysTheSame() throws IOException {
    Call call = streaming();

    Received received = Received.anthropic(call.stream(EVENTS));

    assertThat(received.text).hasToString("Grüß Gott 😀");
    assertThat(received.calls).containsExactly("call_1 look {\"city\":\"Ulm\"}", "call_2 now ");
    assertThat(received.stop).isEqualTo("tool_use");
    assertThat(received.id).isEqualTo("resp_1");
    assertThat(received.usage.path("cache_read_input_tokens").asInt()).isEqualTo(5);
    assertThat(call.translation.usage()).isEqualTo(new TokenUsage(12, 8, 5, 2, 3));
  }

  @Test
  void anOllamaClientGetsIt() throws IOException {
    JsonNode whole = ask(OLLAMA_CHAT, ",'stream':false").whole(WHOLE);
    Received streamed = Received.ollama(ask(OLLAMA_CHAT, "").stream(EVENTS), true);
    JsonNode generated = ask(OLLAMA_GENERATE, ",'stream':false").whole(WHOLE);

    assertThat(whole.at("/message/content").asText()).isEqualTo("Grüß Gott 😀");
    assertThat(whole.at("/message/tool_calls/0/function/arguments/city").asText()).isEqualTo("Ulm");
    assertThat(whole.path("eval_count").asInt()).isEqualTo(8);
    assertThat(streamed.text).hasToString("Grüß Gott 😀");
    assertThat(streamed.calls).hasSize(2);
    assertThat(generated.path("response").asText()).isEqualTo("Grüß Gott 😀");
  }

  @Test
  void aStreamThatIsCutBetweenEventsIsBrokenOff() throws IOException {
    for (int end = 0; end < EVENTS.size(); end++) {
      Call call = streaming();
      for (String event : EVENTS.subList(0, end)) {
        call.piece(event);
      }

      assertThat(call.translation.isComplete()).as("after %d events", end).isFalse();
      assertThatThrownBy(call.translation::end).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aStreamMayBeCutAnywhereIntoPackets() throws IOException {
    byte[] stream = bytes(EVENTS);
    String expected = Arrays.toString(told(stream, stream.length));

    for (int cut = 0; cut < stream.length; cut++) {
      assertThat(Arrays.toString(told(stream, cut))).as("cut at %d", cut).isEqualTo(expected);
    }
  }

  @Test
  void aStreamThatEndsAtAnyByteIsBrokenOff() throws Exception {
    byte[] stream = bytes(EVENTS);
    for (int end = 0; end < stream.length; end++) {
      Call call = streaming();
      SseReader reader = new SseReader(1 << 20);
      for (SseReader.Event event : reader.feed(ByteBuffer.wrap(stream, 0, end))) {
        call.translation.event(event.name(), event.data());
      }

      assertThatThrownBy(call.translation::end)
          .as("end at %d", end)
          .isInstanceOf(IOException.class);
    }
  }

  private static byte[] bytes(List<String> events) {
    StringBuilder stream = new StringBuilder();
    for (String event : events) {
      int bar = event.indexOf('|');
      stream.append("event: ").append(event, 0, bar).append('\n');
      stream.append("data: ").append(Call.quoted(event.substring(bar + 1))).append("\n\n");
    }
    return stream.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] told(byte[] stream, int cut) throws IOException {
    Call call = streaming();
    SseReader reader = new SseReader(1 << 20);
    List<SseReader.Event> events = new ArrayList<>();
    try {
      events.addAll(reader.feed(ByteBuffer.wrap(stream, 0, cut)));
      events.addAll(reader.feed(ByteBuffer.wrap(stream, cut, stream.length - cut)));
    } catch (LlmException e) {
      throw new AssertionError(e);
    }
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (SseReader.Event event : events) {
      sent.write(call.translation.event(event.name(), event.data()));
    }
    sent.write(call.translation.end());
    return sent.toByteArray();
  }

  @Test
  void anItemOfWhichNoPieceCameIsToldAtItsEnd() throws IOException {
    List<String> events = new ArrayList<>(List.of(EVENTS.get(0)));
    for (String item : List.of(MESSAGE, LOOK)) {
      events.add("{'type':'response.output_item.done','output_index':0,'item':" + item + "}");
    }
    events.add(EVENTS.get(EVENTS.size() - 1));

    Received received = Received.anthropic(streaming().stream(events));

    assertThat(received.text).hasToString("Grüß Gott 😀");
    assertThat(received.calls).containsExactly("call_1 look {\"city\":\"Ulm\"}");
  }

  @Test
  void anAnswerOfWhichNoItemCameIsToldAtItsEnd() throws IOException {
    Received received =
        Received.anthropic(
            streaming().stream(List.of(EVENTS.get(0), EVENTS.get(EVENTS.size() - 1))));

    assertThat(received.text).hasToString("Grüß Gott 😀");
    assertThat(received.calls).hasSize(2);
  }

  @Test
  void whatIsNotKnownIsPassedOver() throws IOException {
    List<String> events = new ArrayList<>(EVENTS);
    events.add(1, "{'type':'response.brand_new','delta':'x'}");
    events.add(2, "{'type':'response.web_search_call.searching','output_index':0}");
    events.add(
        3,
        "{'type':'response.output_item.done','output_index':0,"
            + "'item':{'type':'web_search_call','id':'ws_1','status':'completed'}}");
    events.add(4, "{'type':'response.output_item.done','item':{'type':'brand_new'}}");
    events.add(5, "[DONE]");

    Received received = Received.anthropic(streaming().stream(events));

    assertThat(received.text).hasToString("Grüß Gott 😀");
    assertThat(received.calls).hasSize(2);
  }

  @Test
  void anAnswerOfNothingButWhatIsNotKnownIsNoEmptyOne() {
    String unknown = response("'status':'completed','output':[{'type':'brand_new'}]");

    assertThatThrownBy(() -> ask(ANTHROPIC_MESSAGES, "").whole(unknown))
        .isInstanceOf(IOException.class);
  }

  @Test
  void argumentsOfACallThatHasEndedAreAnError() throws IOException {
    Call call = streaming();
    for (String event : EVENTS.subList(0, 16)) {
      call.piece(event);
    }

    assertThatThrownBy(() -> call.piece(arguments(2, "{}"))).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'status':'completed'|completed|end_turn",
        "'status':'incomplete','incomplete_details':{'reason':'max_output_tokens'}|incomplete"
            + "|max_tokens",
        "'status':'incomplete','incomplete_details':{'reason':'content_filter'}|incomplete|refusal",
        "'status':'incomplete'|incomplete|max_tokens",
        "'incomplete_details':{'reason':'max_output_tokens'}|incomplete|max_tokens"
      })
  void theEndSaysWhy(String members, String type, String reason) throws IOException {
    String text = ",'output':[" + MESSAGE + "]";
    Received received =
        Received.anthropic(streaming().stream(List.of(text("Hi"), end(type, members))));

    assertThat(received.stop).isEqualTo(reason);
    if (members.contains("status")) {
      JsonNode whole = ask(ANTHROPIC_MESSAGES, "").whole(response(members + text));
      assertThat(whole.path("stop_reason").asText()).isEqualTo(reason);
    }
  }

  @Test
  void aRefusalIsATextAndTheReasonOfTheEnd() throws IOException {
    String refusal =
        "'status':'completed','output':[{'type':'message','content':"
            + "[{'type':'refusal','refusal':'I will not.'}]}]";
    JsonNode whole = ask(ANTHROPIC_MESSAGES, "").whole(response(refusal));
    Received streamed =
        Received.anthropic(
            streaming().stream(
                List.of(
                    EVENTS.get(4),
                    "{'type':'response.refusal.delta','output_index':1,'delta':'I will not.'}",
                    end("completed", "'status':'completed'"))));

    assertThat(whole.at("/content/0/text").asText()).isEqualTo("I will not.");
    assertThat(whole.path("stop_reason").asText()).isEqualTo("refusal");
    assertThat(streamed.text).hasToString("I will not.");
    assertThat(streamed.stop).isEqualTo("refusal");
  }

  @Test
  void aCallThatWasCutIsNotToldInAWholeAnswer() throws IOException {
    JsonNode answer =
        ask(ANTHROPIC_MESSAGES, "")
            .whole(
                response(
                    "'status':'incomplete','incomplete_details':{'reason':'max_output_tokens'},"
                        + "'output':["
                        + MESSAGE
                        + ",{'type':'function_call','status':'incomplete','call_id':'c',"
                        + "'name':'f','arguments':'{\\'a'}]"));

    assertThat(answer.path("content")).hasSize(1);
    assertThat(answer.path("stop_reason").asText()).isEqualTo("max_tokens");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'error','code':'rate_limit_exceeded','message':'x','param':null}|429",
        "{'type':'error','code':'server_error','message':'x'}|500",
        "{'type':'error','error':{'type':'invalid_request_error','code':null}}|400",
        "{'type':'response.failed','response':{'status':'failed','error':"
            + "{'code':'rate_limit_exceeded','message':'x'}}}|429",
        "{'type':'response.failed','response':{'status':'failed','error':null}}|0",
        "{'type':'response.completed','response':{'status':'completed','output':[],'error':"
            + "{'code':'server_error'}}}|500",
        "{'error':{'code':503}}|503"
      })
  void anErrorInAStreamIsNoAnswer(String event, int status) throws IOException {
    Call call = streaming();
    call.piece(EVENTS.get(0));
    call.piece(text("Hi"));

    UpstreamErrorException error =
        catchThrowableOfType(UpstreamErrorException.class, () -> call.piece(event));

    assertThat(error.status()).isEqualTo(status);
    assertThat(call.translation.isComplete()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'error':{'type':'server_error'}}",
        "{'status':'failed','output':[],'error':{'code':'server_error'}}",
        "{'status':'failed','output':[],'error':null}",
        "{'status':'cancelled','output':[]}"
      })
  void anErrorInAWholeAnswerIsNoAnswer(String body) {
    assertThatThrownBy(() -> ask(ANTHROPIC_MESSAGES, "").whole(body))
        .isInstanceOf(UpstreamErrorException.class)
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'status':'completed'}",
        "{'status':'completed','output':'x'}",
        "{'status':'in_progress','output':[]}",
        "{'status':'queued','output':[]}",
        "{'choices':[{'message':{'content':'x'}}]}"
      })
  void whatIsNoFinishedResponseIsAnError(String body) {
    assertThatThrownBy(() -> ask(ANTHROPIC_MESSAGES, "").whole(body))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(UpstreamErrorException.class);
  }

  @Test
  void nothingComesAfterTheEnd() throws IOException {
    Call call = streaming();
    call.stream(EVENTS);

    assertThat(call.piece(text("more"))).isEmpty();
  }
}
