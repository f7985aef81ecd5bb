package io.mimir.gateway.service;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/**
 * Finds the token counts that a provider sends along, whichever protocol it speaks: OpenAI's {@code
 * usage} (chat, completions, embeddings, responses), Anthropic's {@code usage} (whole, in {@code
 * message_start} and cumulative in {@code message_delta}), Ollama's {@code prompt_eval_count} and
 * {@code eval_count}. What is not told counts as unknown.
 */
final class TokenCounts {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private long input = -1;
  private long cached;
  private long cacheWritten;
  private long cacheRead;
  private long output = -1;

  /** Everything that went in, cached parts too; -1 for unknown. */
  long input() {
    return input < 0 ? -1 : input + cached;
  }

  /** -1 for unknown. */
  long output() {
    return output;
  }

  void set(long inputTokens, long outputTokens) {
    input = inputTokens;
    cached = 0;
    output = outputTokens;
  }

  /**
   * Takes the counts out of a whole answer, or out of the data of one event.
   *
   * @return whether it is one JSON object
   */
  boolean read(byte[] json, int from, int length) {
    try (JsonParser parser = JSON.createParser(json, from, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      members(parser, true);
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  private void members(JsonParser parser, boolean top) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.START_OBJECT && name.equals("usage")) {
        usage(parser);
      } else if (value == JsonToken.START_OBJECT
          && top
          && (name.equals("message") || name.equals("response"))) {
        // Anthropic's message_start, and OpenAI's response.completed.
        members(parser, false);
      } else if (value == JsonToken.VALUE_NUMBER_INT && name.equals("prompt_eval_count")) {
        input = parser.getLongValue();
      } else if (value == JsonToken.VALUE_NUMBER_INT && name.equals("eval_count")) {
        output = parser.getLongValue();
      } else {
        parser.skipChildren();
      }
    }
  }

  private void usage(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value != JsonToken.VALUE_NUMBER_INT) {
        parser.skipChildren();
        continue;
      }
      long count = Math.max(0, parser.getLongValue());
      switch (name) {
        case "prompt_tokens", "input_tokens" -> {
          // Each event says it again, and an Anthropic delta may say less than the start.
          if (input < count) {
            input = count;
          }
        }
        case "completion_tokens", "output_tokens" -> output = count;
        case "cache_creation_input_tokens" -> cacheWritten = count;
        case "cache_read_input_tokens" -> cacheRead = count;
        default -> {
          // total_tokens and whatever else there is.
        }
      }
    }
    cached = cacheWritten + cacheRead;
    if (output < 0 && input >= 0) {
      // Embeddings have a question only.
      output = 0;
    }
  }
}
