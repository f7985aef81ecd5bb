package io.mimir.upstream.service;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.mimir.usage.CallUsage;
import java.io.IOException;

/**
 * Finds the token counts that a provider sends along, whichever protocol it speaks: OpenAI's {@code
 * usage} (chat, completions, embeddings, responses; Groq has it in {@code x_groq}, Moonshot in a
 * choice), Anthropic's {@code usage} (whole, in {@code message_start} and cumulative in {@code
 * message_delta}), Ollama's {@code prompt_eval_count} and {@code eval_count}. Any JSON number
 * counts, rounded up; negative ones and strings do not. Each event may say it all again, or less:
 * the highest count holds. What is not told counts as unknown.
 */
final class TokenCounts {

  private static final int MAX_DIGITS = 18;

  /** Longer numbers are no counts, and are not read: that takes the square of their length. */
  private static final int MAX_NUMBER_CHARS = 1_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /** OpenAI's and Ollama's: cached tokens are part of it. */
  private long prompt = -1;

  /** Anthropic's: cached tokens come on top. OpenAI's responses: they are part of it. */
  private long input = -1;

  private long cacheWritten;
  private long cacheRead;
  private long output = -1;
  private long total = -1;

  private boolean error;

  /** Everything that went in, cached parts too; -1 for unknown. */
  long input() {
    if (prompt >= 0) {
      // Some servers of OpenAI's protocol name Anthropic's counts of the cache beside it.
      return Math.max(prompt, input);
    }
    return input < 0 ? -1 : Math.min(input + cacheWritten + cacheRead, CallUsage.MAX_TOKENS);
  }

  /**
   * Everything that came out, thoughts too; -1 for unknown. xAI and Gemini leave the thoughts out
   * of {@code completion_tokens} and have them in {@code total_tokens} only.
   */
  long output() {
    return output >= 0 && prompt >= 0 && total >= 0 ? Math.max(output, total - prompt) : output;
  }

  /** Whether there was a member {@code error}, whatever it says. */
  boolean hasError() {
    return error;
  }

  void set(long inputTokens, long outputTokens) {
    prompt = inputTokens;
    input = -1;
    cacheWritten = 0;
    cacheRead = 0;
    output = outputTokens;
    total = -1;
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
      error |= top && name.equals("error");
      if (value == JsonToken.START_OBJECT) {
        switch (name) {
          case "usage" -> usage(parser);
          // Anthropic's message_start, OpenAI's response.completed, and Groq.
          case "message", "response", "x_groq" -> within(parser, top);
          default -> parser.skipChildren();
        }
      } else if (value == JsonToken.START_ARRAY && top && name.equals("choices")) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          members(parser, false);
        }
      } else {
        switch (name) {
          case "prompt_eval_count" -> prompt = Math.max(prompt, number(parser, value));
          case "eval_count" -> output = Math.max(output, number(parser, value));
          default -> {
            // Nothing that counts.
          }
        }
        parser.skipChildren();
      }
    }
  }

  private void within(JsonParser parser, boolean top) throws IOException {
    if (top) {
      members(parser, false);
    } else {
      parser.skipChildren();
    }
  }

  private void usage(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      long count = number(parser, value);
      switch (name) {
        case "prompt_tokens" -> prompt = Math.max(prompt, count);
        case "input_tokens" -> input = Math.max(input, count);
        case "completion_tokens", "output_tokens" -> output = Math.max(output, count);
        case "total_tokens" -> total = Math.max(total, count);
        case "cache_creation_input_tokens" -> cacheWritten = Math.max(cacheWritten, count);
        case "cache_read_input_tokens" -> cacheRead = Math.max(cacheRead, count);
        default -> {
          // Details say what is counted already.
        }
      }
      parser.skipChildren();
    }
    if (output < 0 && input() >= 0) {
      // Embeddings have a question only.
      output = 0;
    }
  }

  /** A count, at most {@link CallUsage#MAX_TOKENS}; -1 for what is none. */
  private static long number(JsonParser parser, JsonToken value) throws IOException {
    if (!value.isNumeric() || parser.getTextLength() > MAX_NUMBER_CHARS) {
      return -1;
    }
    if (value == JsonToken.VALUE_NUMBER_INT && parser.getTextLength() <= MAX_DIGITS) {
      long count = parser.getLongValue();
      return count < 0 ? -1 : Math.min(count, CallUsage.MAX_TOKENS);
    }
    double count = Math.ceil(parser.getDoubleValue());
    // A fraction just below nothing is rounded up to a zero with a sign.
    return count < 0 || (count == 0 && 1 / count < 0)
        ? -1
        : (long) Math.min(count, CallUsage.MAX_TOKENS);
  }
}
