package io.mimir.llm.service.protocol;

import static io.mimir.llm.WireProtocol.ANTHROPIC_MESSAGES;
import static io.mimir.llm.WireProtocol.OLLAMA_CHAT;
import static io.mimir.llm.WireProtocol.OLLAMA_GENERATE;
import static io.mimir.llm.WireProtocol.OPENAI_CHAT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.WireProtocol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a model thinks is told to Ollama's clients in a field of its own. */
class OllamaThinkingTest {

  private static final String HEAD = "{'id':'c','created':5,'model':'m','choices':[{'index':0,";
  private static final List<String> CHUNKS =
      List.of(
          HEAD + "'delta':{'role':'assistant','reasoning_content':'I won'}}]}",
          HEAD + "'delta':{'reasoning_content':'der.'}}]}",
          HEAD + "'delta':{'content':'Hi'}}]}",
          HEAD + "'delta':{},'finish_reason':'stop'}]}",
          "[DONE]");
  private static final String WHOLE =
      HEAD + "'message':{'content':'Hi','reasoning_content':'I wonder.'},'finish_reason':'stop'}]}";

  private static Call ask(WireProtocol client, String fields) {
    String asked =
        client == OLLAMA_CHAT ? "'messages':[{'role':'user','content':'x'}]" : "'prompt':'x'";
    return Call.of(client, OPENAI_CHAT, "{" + asked + fields + "}");
  }

  private static String thought(String stream, WireProtocol client) {
    StringBuilder thought = new StringBuilder();
    for (String line : stream.split("\n")) {
      JsonNode object = Call.json(line.getBytes(StandardCharsets.UTF_8));
      JsonNode owner = client == OLLAMA_CHAT ? object.path("message") : object;
      thought.append(owner.path("thinking").asText(""));
    }
    return thought.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|I wonder.",
        ",'think':true|I wonder.",
        ",'think':'low'|I wonder.",
        ",'think':false|``"
      })
  void thoughtsAreToldUnlessTheyAreNotWanted(String fields, String thought) throws IOException {
    for (WireProtocol client : List.of(OLLAMA_CHAT, OLLAMA_GENERATE)) {
      String stream = ask(client, fields).stream(CHUNKS);
      JsonNode whole = ask(client, fields + ",'stream':false").whole(WHOLE);

      assertThat(thought(stream, client)).isEqualTo(thought);
      assertThat(stream.lines()).hasSize(thought.isEmpty() ? 2 : 4);
      assertThat(Received.ollama(stream, client == OLLAMA_CHAT).text).hasToString("Hi");
      JsonNode owner = client == OLLAMA_CHAT ? whole.path("message") : whole;
      assertThat(owner.has("thinking")).isEqualTo(!thought.isEmpty());
      assertThat(owner.path("thinking").asText()).isEqualTo(thought);
      assertThat(Received.ollama(whole.toString(), client == OLLAMA_CHAT).text).hasToString("Hi");
    }
  }

  @ParameterizedTest
  @CsvSource({"true,8192", "'low',2048", "'medium',8192", "'high',16384"})
  void howMuchToThinkBecomesABudget(String think, int tokens) {
    String word = think.equals("true") ? think : "'" + think + "'";
    Call call =
        Call.of(
            OLLAMA_CHAT,
            ANTHROPIC_MESSAGES,
            "{'think':" + word + ",'messages':[{'role':'user','content':'x'}]}",
            "claude-sonnet-4-5");

    assertThat(call.asked.at("/thinking/budget_tokens").asInt()).isEqualTo(tokens);
    assertThat(call.translation.leftOut()).isEmpty();
  }

  @Test
  void noThoughtsAreAskedForWhereNoneAreWanted() {
    Call call =
        Call.of(
            OLLAMA_CHAT,
            ANTHROPIC_MESSAGES,
            "{'think':false,'messages':[{'role':'user','content':'x'}]}",
            "claude-sonnet-4-5");

    assertThat(call.asked.has("thinking")).isFalse();
  }
}
