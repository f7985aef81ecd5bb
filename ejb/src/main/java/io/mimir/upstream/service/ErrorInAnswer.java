package io.mimir.upstream.service;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.mimir.llm.LlmException;
import io.mimir.llm.service.Failures;
import io.mimir.llm.service.protocol.UpstreamErrorException;
import java.io.IOException;

/** Finds the error that a provider sent with a status of success. */
final class ErrorInAnswer {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private ErrorInAnswer() {}

  /**
   * Looks at a JSON object: a member {@code error} that says something, beside whatever else.
   *
   * @throws LlmException when there is one, as the status that it names would be
   */
  static void throwIfIn(byte[] json, int from, int length) throws LlmException {
    int status = statusIn(json, from, length);
    if (status >= 0) {
      throw Failures.inAnswer(status);
    }
  }

  /**
   * @return the HTTP status that the error names, 0 where it names none, -1 where there is no error
   */
  static int statusIn(byte[] json, int from, int length) {
    try (JsonParser parser = JSON.createParser(json, from, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return -1;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("error") && value == JsonToken.START_OBJECT) {
          return statusOf(parser);
        }
        if (name.equals("error") && value == JsonToken.VALUE_STRING) {
          return 0;
        }
        if (name.equals("object")
            && value == JsonToken.VALUE_STRING
            && parser.getText().equals("response")) {
          // OpenAI's responses have a status of their own for failures.
          return -1;
        }
        parser.skipChildren();
      }
    } catch (IOException e) {
      // What cannot be read is judged by those who have to read it.
      return -1;
    }
    return -1;
  }

  private static int statusOf(JsonParser parser) throws IOException {
    int status = 0;
    boolean empty = true;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      empty = false;
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_NUMBER_INT && (name.equals("code") || name.equals("status"))) {
        int code = parser.getIntValue();
        status = code >= 400 && code < 600 ? code : status;
      } else if (value == JsonToken.VALUE_STRING
          && status == 0
          && (name.equals("type") || name.equals("code"))) {
        status = UpstreamErrorException.statusOf(parser.getText());
      } else {
        parser.skipChildren();
      }
    }
    return empty ? -1 : status;
  }
}
