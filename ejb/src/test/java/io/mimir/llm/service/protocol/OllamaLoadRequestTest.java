package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.llm.WireProtocol;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OllamaLoadRequestTest {

  private static byte[] answer(WireProtocol client, String body) {
    return OllamaLoadRequest.answer(client, Call.quoted(body).getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "OLLAMA_GENERATE|{'model':'m'}|load",
        "OLLAMA_GENERATE|{'model':'m','prompt':'','keep_alive':'5m'}|load",
        "OLLAMA_GENERATE|{'model':'m','prompt':null,'images':[],'keep_alive':-1}|load",
        "OLLAMA_GENERATE|{'model':'m','keep_alive':0}|unload",
        "OLLAMA_GENERATE|{'model':'m','keep_alive':'0'}|unload",
        "OLLAMA_CHAT|{'model':'m'}|load",
        "OLLAMA_CHAT|{'model':'m','messages':[],'keep_alive':'0s'}|unload"
      })
  void aRequestThatAsksNothingIsAnsweredHere(WireProtocol client, String body, String reason) {
    byte[] bytes = answer(client, body);

    assertThat(new String(bytes, StandardCharsets.UTF_8)).endsWith("}\n");
    JsonNode answer = Call.json(bytes);
    assertThat(answer.path("model").asText()).isEqualTo("m");
    assertThat(answer.path("done").asBoolean()).isTrue();
    assertThat(answer.path("done_reason").asText()).isEqualTo(reason);
    boolean chat = client == WireProtocol.OLLAMA_CHAT;
    assertThat((chat ? answer.at("/message/content") : answer.path("response")).textValue())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "OLLAMA_GENERATE|{'model':'m','prompt':'x'}",
        "OLLAMA_GENERATE|{'model':'m','images':['iVBOR']}",
        "OLLAMA_GENERATE|{'model':'m','suffix':'x'}",
        "OLLAMA_GENERATE|{'prompt':''}",
        "OLLAMA_GENERATE|no object",
        "OLLAMA_CHAT|{'model':'m','messages':[{'role':'user','content':''}]}",
        "OLLAMA_CHAT|{'model':'m','messages':7}",
        "OLLAMA_EMBED|{'model':'m'}",
        "OPENAI_CHAT|{'model':'m','messages':[]}"
      })
  void anyOtherIsNot(WireProtocol client, String body) {
    assertThat(answer(client, body)).isNull();
  }

  @Test
  void aLongRequestIsNotLookedAt() {
    String body = "{'model':'" + "m".repeat(9000) + "'}";

    assertThat(answer(WireProtocol.OLLAMA_GENERATE, body)).isNull();
  }
}
