package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON without a schema, from a provider that has no way of enforcing it. */
class JsonPromiseTest {

  private static Call call(boolean streamed) {
    return Call.of(
        WireProtocol.OPENAI_CHAT,
        WireProtocol.ANTHROPIC_MESSAGES,
        "{'response_format':{'type':'json_object'},'messages':[{'role':'user','content':'x'}],"
            + "'stream':"
            + streamed
            + "}");
  }

  private static List<String> events(String text, String reason) {
    List<String> events = new ArrayList<>();
    events.add("message_start|{'type':'message_start','message':{'model':'m'}}");
    for (int i = 0; i < text.length(); i += 3) {
      String piece = text.substring(i, Math.min(text.length(), i + 3));
      String quoted = Json.object().put("text", piece).get("text").toString();
      events.add(
          "content_block_delta|{'type':'content_block_delta','index':0,'delta':"
              + "{'type':'text_delta','text':"
              + quoted
              + "}}");
    }
    events.add("message_delta|{'type':'message_delta','delta':{'stop_reason':'" + reason + "'}}");
    events.add("message_stop|{'type':'message_stop'}");
    return events;
  }

  @Test
  void theModelIsToldToAnswerWithJson() {
    assertThat(call(false).asked.at("/system/0/text").asText()).isEqualTo(JsonPromise.INSTRUCTION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"b ``` c\"}",
        " \n{\"a\":\"b ``` c\"} \n",
        "```json\n{\"a\":\"b ``` c\"}\n```",
        "```\n{\"a\":\"b ``` c\"}\n```\n"
      })
  void aFenceIsTakenOffAStream(String text) throws IOException {
    Received received = Received.openAi(call(true).stream(events(text, "end_turn")));

    assertThat(received.text).hasToString("{\"a\":\"b ``` c\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Here it is: {}", "[1]", "", "```json\n{\"a\":\n```"})
  void aStreamThatIsNoJsonFailsAtItsEnd(String text) {
    assertThatThrownBy(() -> call(true).stream(events(text, "end_turn")))
        .isInstanceOf(JsonExpectedException.class);
  }

  @Test
  void anAnswerThatWasCutIsTheClientsToJudge() throws IOException {
    Received received = Received.openAi(call(true).stream(events("{\"a\":", "max_tokens")));

    assertThat(received.stop).isEqualTo("length");
  }

  @Test
  void aWholeAnswerIsHeldToItToo() throws IOException {
    String answer = "{'type':'message','content':[{'type':'text','text':'%s'}]}";

    assertThat(
            call(false)
                .whole(answer.formatted("```json\\n{}\\n```"))
                .at("/choices/0/message/content")
                .asText())
        .isEqualTo("{}");
    assertThatThrownBy(() -> call(false).whole(answer.formatted("Well.")))
        .isInstanceOf(JsonExpectedException.class);
  }
}
