package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.StopReason;
import io.mimir.llm.TokenUsage;
import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that chat and plugins make: a conversation in, pieces of text out. */
class InProcessTest {

  private final Heard heard = new Heard();

  private static ChatRequest conversation(boolean streamed) {
    return ChatRequest.conversation()
        .system("Be brief.")
        .user("Hello")
        .assistant("Hi")
        .user("Why?")
        .maxTokens(50)
        .streamed(streamed)
        .build();
  }

  private JsonNode asked(WireProtocol upstream, boolean streamed) {
    return Call.json(translation(upstream, streamed));
  }

  private Translation translation;

  private byte[] translation(WireProtocol upstream, boolean streamed) {
    translation = Translation.inProcess(conversation(streamed), upstream, heard);
    return translation.request(null, new UpstreamOptions("m", 4096, true));
  }

  @Test
  void aConversationIsSaidToOpenAi() {
    assertThat(asked(WireProtocol.OPENAI_CHAT, false))
        .isEqualTo(
            Call.json(
                "{'model':'m','messages':[{'role':'system','content':'Be brief.'},"
                    + "{'role':'user','content':'Hello'},{'role':'assistant','content':'Hi'},"
                    + "{'role':'user','content':'Why?'}],'max_tokens':50,'stream':false}"));
  }

  @Test
  void aConversationIsSaidToAnthropic() {
    JsonNode asked = asked(WireProtocol.ANTHROPIC_MESSAGES, true);

    assertThat(asked.at("/system/0/text").asText()).isEqualTo("Be brief.");
    assertThat(asked.path("messages")).hasSize(3);
    assertThat(asked.path("max_tokens").asInt()).isEqualTo(50);
    assertThat(asked.path("stream").asBoolean()).isTrue();
  }

  @Test
  void aConversationIsSaidToOllama() {
    assertThat(asked(WireProtocol.OLLAMA_CHAT, true))
        .isEqualTo(
            Call.json(
                "{'model':'m','messages':[{'role':'system','content':'Be brief.'},"
                    + "{'role':'user','content':'Hello'},{'role':'assistant','content':'Hi'},"
                    + "{'role':'user','content':'Why?'}],'options':{'num_predict':50},"
                    + "'stream':true}"));
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI_CHAT", "ANTHROPIC_MESSAGES", "OLLAMA_CHAT"})
  void aStreamIsHeardPieceByPiece(WireProtocol upstream) throws IOException {
    translation(upstream, true);

    for (String event : stream(upstream)) {
      int bar = event.indexOf('|');
      String name = bar < 0 ? null : event.substring(0, bar);
      assertThat(translation.event(name, Call.quoted(event.substring(bar + 1)))).isEmpty();
    }
    assertThat(translation.isComplete()).isTrue();
    assertThat(translation.end()).isEmpty();

    assertThat(heard.said)
        .containsExactly("model m-1", "thinks hm", "says Grüß ", "says Gott", "ends END 12 8");
    assertThat(translation.inputTokens()).isEqualTo(12);
  }

  private static List<String> stream(WireProtocol upstream) {
    String head = "{'id':'c','created':5,'model':'m-1','choices':[{'index':0,'delta':";
    return switch (upstream) {
      case OPENAI_CHAT ->
          List.of(
              head + "{'role':'assistant','content':'','reasoning_content':'hm'}}]}",
              head + "{'content':'Grüß '}}]}",
              head
                  + "{'content':'Gott'},'finish_reason':'stop'}],"
                  + "'usage':{'prompt_tokens':12,'completion_tokens':7.4}}",
              "[DONE]");
      case ANTHROPIC_MESSAGES ->
          List.of(
              "message_start|{'type':'message_start','message':{'id':'i','model':'m-1',"
                  + "'usage':{'input_tokens':12,'output_tokens':1}}}",
              "content_block_start|{'type':'content_block_start','index':0,"
                  + "'content_block':{'type':'thinking','thinking':'','signature':''}}",
              "content_block_delta|{'type':'content_block_delta','index':0,"
                  + "'delta':{'type':'thinking_delta','thinking':'hm'}}",
              "content_block_stop|{'type':'content_block_stop','index':0}",
              "content_block_delta|{'type':'content_block_delta','index':1,"
                  + "'delta':{'type':'text_delta','text':'Grüß '}}",
              "content_block_delta|{'type':'content_block_delta','index':1,"
                  + "'delta':{'type':'text_delta','text':'Gott'}}",
              "message_delta|{'type':'message_delta','delta':{'stop_reason':'end_turn'},"
                  + "'usage':{'output_tokens':8}}",
              "message_stop|{'type':'message_stop'}");
      default ->
          List.of(
              "{'model':'m-1','created_at':'2026-01-01T00:00:00Z','message':"
                  + "{'role':'assistant','content':'','thinking':'hm'},'done':false}",
              "{'model':'m-1','message':{'role':'assistant','content':'Grüß '},'done':false}",
              "{'model':'m-1','message':{'role':'assistant','content':'Gott'},'done':false}",
              "{'model':'m-1','message':{'role':'assistant','content':''},'done':true,"
                  + "'done_reason':'stop','prompt_eval_count':12,'eval_count':8}");
    };
  }

  private byte[] answer(String answer) throws IOException {
    return translation.answer(Call.quoted(answer).getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aWholeAnswerIsHeardInTheSameWay() throws IOException {
    translation(WireProtocol.OLLAMA_CHAT, false);

    byte[] nothing =
        answer(
            "{'model':'m-1','message':{'role':'assistant','content':'Gott','thinking':'hm'},"
                + "'done':true,'done_reason':'length','prompt_eval_count':12,'eval_count':8}");

    assertThat(nothing).isEmpty();
    assertThat(heard.said)
        .containsExactly("model m-1", "thinks hm", "says Gott", "ends LENGTH 12 8");
  }

  @Test
  void aCallOfAToolIsHeardWhole() throws IOException {
    translation(WireProtocol.OPENAI_CHAT, false);

    answer(
        "{'model':'m-1','choices':[{'message':{'content':null,'tool_calls':[{'id':'c','function':"
            + "{'name':'f','arguments':'{}'}}]},'finish_reason':'tool_calls'}],"
            + "'usage':{'prompt_tokens':12,'completion_tokens':8}}");

    assertThat(heard.said).containsExactly("model m-1", "calls f {}", "ends TOOLS 12 8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'error':'sk-secret'}",
        "{'message':'sk-secret','done':true}",
        "{'message':{'content':'sk-secret'},'done':false}"
      })
  void whatIsNoAnswerOfOllamasIsToldWithoutAWordOfIt(String answer) {
    translation(WireProtocol.OLLAMA_CHAT, false);

    assertThatThrownBy(() -> answer(answer))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void anErrorInAStreamIsToldByItsKind() {
    translation(WireProtocol.OPENAI_CHAT, true);

    assertThatThrownBy(
            () -> translation.event(null, Call.quoted("{'error':{'code':429,'message':'x'}}")))
        .isInstanceOfSatisfying(
            UpstreamErrorException.class, e -> assertThat(e.status()).isEqualTo(429));
  }

  @Test
  void aStreamThatIsCutIsNotAnAnswer() throws IOException {
    translation(WireProtocol.OLLAMA_CHAT, true);
    translation.event(null, Call.quoted("{'message':{'content':'x'},'done':false}"));

    assertThat(translation.isComplete()).isFalse();
    assertThatThrownBy(translation::end).isInstanceOf(IOException.class);
  }

  @Test
  void oneRequestCanBePutToSeveralProviders() {
    ChatRequest request = conversation(true);
    for (WireProtocol upstream :
        List.of(
            WireProtocol.ANTHROPIC_MESSAGES,
            WireProtocol.OPENAI_CHAT,
            WireProtocol.ANTHROPIC_MESSAGES)) {
      byte[] asked =
          Translation.inProcess(request, upstream, heard)
              .request(null, new UpstreamOptions("m", 4096, true));
      assertThat(Call.json(asked).path("max_tokens").asInt()).isEqualTo(50);
    }
  }

  /** Writes down what it is told. */
  private static final class Heard implements ChatListener {

    private final List<String> said = new ArrayList<>();

    @Override
    public void started(String model) {
      said.add("model " + model);
    }

    @Override
    public void text(String piece) {
      said.add("says " + piece);
    }

    @Override
    public void thinking(String piece) {
      said.add("thinks " + piece);
    }

    @Override
    public void toolCall(String id, String name, String arguments) {
      said.add("calls " + name + " " + arguments);
    }

    @Override
    public void ended(StopReason reason, TokenUsage usage) {
      said.add("ends " + reason + " " + usage.input() + " " + usage.output());
    }
  }
}
