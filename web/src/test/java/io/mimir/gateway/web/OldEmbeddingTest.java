package io.mimir.gateway.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.upstream.service.CallFailure;
import io.mimir.upstream.service.ResponseTarget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OldEmbeddingTest {

  private static final String NEW =
      "{\"model\":\"m\",\"embeddings\":[[0.1,0.25]],\"prompt_eval_count\":3}";

  private final Answered answered = new Answered();
  private final OldEmbedding target = new OldEmbedding(answered);

  private static final class Answered implements ResponseTarget {

    private int status;
    private String body;

    @Override
    public void answer(int code, String type, Map<String, String> headers, byte[] bytes) {
      status = code;
      body = new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void fail(CallFailure failure) {
      status = failure.problem().problem().status();
    }

    @Override
    public void open(int code, String type, Map<String, String> headers) {
      throw new AssertionError("Old embeddings are whole");
    }

    @Override
    public void write(ByteBuffer piece) {
      throw new AssertionError("Old embeddings are whole");
    }

    @Override
    public void close() {
      throw new AssertionError("Old embeddings are whole");
    }

    @Override
    public void cut() {
      status = 0;
    }

    @Override
    public void follow(CallControl call) {
      // Nothing is told to the call here.
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void thePromptIsTheInput() {
    assertThat(OldEmbedding.asEmbed(bytes("{\"model\":\"m\",\"prompt\":\"Hi\",\"keep_alive\":0}")))
        .asString()
        .isEqualTo("{\"model\":\"m\",\"keep_alive\":0,\"input\":\"Hi\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"model\":\"m\"}", "{\"prompt\":[\"a\"]}", "[]", "{", ""})
  void anythingElseIsRefused(String body) {
    assertThatThrownBy(() -> OldEmbedding.asEmbed(bytes(body)))
        .isInstanceOfSatisfying(
            ProblemException.class,
            e -> assertThat(e.problem()).isIn(Problem.MALFORMED, Problem.MISSING_FIELD));
  }

  @Test
  void theFirstOfTheEmbeddingsIsTheEmbedding() {
    target.answer(200, "application/json", Map.of(), bytes(NEW));

    assertThat(answered.body).isEqualTo("{\"embedding\":[0.1,0.25]}");
  }

  @Test
  void anAnswerInPiecesIsPutTogether() {
    target.open(200, "application/json", Map.of());
    target.write(ByteBuffer.wrap(bytes(NEW.substring(0, 20))));
    target.write(ByteBuffer.wrap(bytes(NEW.substring(20))));
    target.close();

    assertThat(answered.status).isEqualTo(200);
    assertThat(answered.body).isEqualTo("{\"embedding\":[0.1,0.25]}");
  }

  @Test
  void whatIsNoJsonIsTheProvidersError() {
    target.answer(200, "application/json", Map.of(), bytes("<html>"));

    assertThat(answered.status).isEqualTo(502);
  }
}
