package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.llm.WireProtocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One translated call, in texts. */
final class Call {

  static final String MODEL = "upstream-model";

  private static final JsonMapper JSON = Json.MAPPER;

  final Translation translation;
  final JsonNode asked;

  private Call(Translation translation, JsonNode asked) {
    this.translation = translation;
    this.asked = asked;
  }

  /** Translates a question; double quotes may be written as single ones. */
  static Call of(WireProtocol client, WireProtocol upstream, String body) {
    return of(client, upstream, body, MODEL);
  }

  static Call of(WireProtocol client, WireProtocol upstream, String body, String model) {
    Translation translation = Translation.between(client, upstream);
    byte[] asked =
        translation.request(
            quoted(body).getBytes(StandardCharsets.UTF_8), new UpstreamOptions(model, 4096, true));
    return new Call(translation, json(asked));
  }

  JsonNode whole(String upstream) throws IOException {
    return json(translation.answer(quoted(upstream).getBytes(StandardCharsets.UTF_8)));
  }

  /** Everything that the client is sent for these events, each {@code name|data} or data alone. */
  String stream(List<String> events) throws IOException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (String event : events) {
      sent.write(piece(event));
    }
    assertThat(translation.isComplete()).isTrue();
    sent.write(translation.end());
    assertThat(translation.end()).isEmpty();
    return sent.toString(StandardCharsets.UTF_8);
  }

  byte[] piece(String event) throws IOException {
    if (event.startsWith("'") || event.startsWith("{") || event.startsWith("[")) {
      return translation.event(null, quoted(event));
    }
    int bar = event.indexOf('|');
    return translation.event(event.substring(0, bar), quoted(event.substring(bar + 1)));
  }

  static String quoted(String text) {
    return text.replace('\'', '"');
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(quoted(text));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode json(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
