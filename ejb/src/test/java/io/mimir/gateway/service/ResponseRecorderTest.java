package io.mimir.gateway.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseRecorderTest {

  private static final String STREAM =
      "event: response.created\n"
          + "data:"
          + " {\"type\":\"response.created\",\"response\":{\"object\":\"response\",\"id\":\"resp_1\",\"instructions\":\"%s\"}}\n\n"
          + "event: response.completed\n"
          + "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_2\"}}\n\n";

  private final List<String> made = new ArrayList<>();
  private final TargetDouble client = new TargetDouble();
  private final ResponseRecorder recorder = new ResponseRecorder(client, made::add);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aWholeResponseIsKnownByItsId() {
    recorder.answer(
        200, "application/json", Map.of(), bytes("{\"usage\":{\"id\":\"no\"},\"id\":\"resp_1\"}"));

    assertThat(made).containsExactly("resp_1");
    assertThat(client.body()).contains("resp_1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "no json", "{\"id\":7}", "{\"id\":\"\"}"})
  void whatHasNoIdIsPassedOn(String body) {
    recorder.answer(200, "application/json", Map.of(), bytes(body));

    assertThat(made).isEmpty();
    assertThat(client.body()).isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 100_000})
  void aStreamTellsTheIdInItsFirstEventHoweverItIsCut(int size) {
    byte[] stream = bytes(STREAM.formatted("x".repeat(9_000)));
    recorder.open(200, "text/event-stream", Map.of());
    for (int from = 0; from < stream.length; from += size) {
      recorder.write(ByteBuffer.wrap(stream, from, Math.min(size, stream.length - from)));
    }
    recorder.close();

    assertThat(made).containsExactly("resp_1");
    assertThat(client.body()).isEqualTo(new String(stream, StandardCharsets.UTF_8));
  }

  @Test
  void aStreamOfSomethingElseIsNotReadToItsEnd() {
    recorder.open(200, "text/event-stream", Map.of());
    recorder.write(ByteBuffer.wrap(bytes("data: {\"choices\":[]}\n\n")));
    recorder.write(ByteBuffer.wrap(bytes("data: {\"response\":{\"id\":\"resp_9\"}}\n\n")));

    assertThat(made).isEmpty();
  }
}
