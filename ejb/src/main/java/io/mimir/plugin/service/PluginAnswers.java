package io.mimir.plugin.service;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.mimir.plugin.PluginState;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameException;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What the frames say that a plugin's process answers with. */
final class PluginAnswers {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_DETAIL_CHARS = 500;

  private PluginAnswers() {}

  /**
   * What an action gave.
   *
   * @param answer RESULT or ERROR
   */
  static byte[] result(Frame answer) throws PluginCallException {
    if (answer.type() == FrameType.RESULT) {
      return answer.payload();
    }
    Failure failure;
    try {
      failure = Failure.of(answer.payload());
    } catch (FrameException e) {
      throw new PluginCallException(Kind.CRASHED, "The plugin's process broke the protocol");
    }
    throw switch (failure.code()) {
      case Failure.APPLICATION ->
          new PluginCallException(Kind.REFUSED, "The plugin refused the call", failure.detail());
      case Failure.UNKNOWN_ACTION ->
          new PluginCallException(Kind.UNKNOWN_ACTION, "The plugin has no action of this name");
      case Failure.BAD_INPUT ->
          new PluginCallException(
              Kind.BAD_INPUT, "The plugin found the input wrong", failure.detail());
      case Failure.CANCELLED ->
          new PluginCallException(Kind.DEADLINE, "The plugin did not answer in time");
      default ->
          new PluginCallException(
              Kind.CRASHED, "The plugin's answer is none: " + plain(failure.detail()));
    };
  }

  /**
   * An output as JSON, which it has to be where it goes out as that.
   *
   * @param output no bytes stand for null
   * @return UTF-8 JSON, one value
   * @throws PluginCallException CRASHED when it is something else
   */
  static byte[] json(byte[] output) throws PluginCallException {
    if (output.length == 0) {
      return "null".getBytes(StandardCharsets.UTF_8);
    }
    try {
      // Not from the bytes: the parser would guess at UTF-16 and UTF-32.
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(output));
      try (JsonParser parser = JSON.createParser(text.array(), 0, text.length())) {
        if (parser.nextToken() == null) {
          throw noJson("there is nothing in it");
        }
        parser.skipChildren();
        if (parser.nextToken() != null) {
          throw noJson("there is more than one value in it");
        }
      }
      return output;
    } catch (CharacterCodingException e) {
      throw noJson("it is not in UTF-8");
    } catch (JsonProcessingException e) {
      // Its own message quotes the text, which may hold secrets.
      JsonLocation at = e.getLocation();
      throw noJson(
          "line %d, column %d"
              .formatted(at == null ? 1 : at.getLineNr(), at == null ? 1 : at.getColumnNr()));
    } catch (IOException e) {
      throw new IllegalStateException("Memory cannot be read", e);
    }
  }

  private static PluginCallException noJson(String why) {
    return new PluginCallException(Kind.CRASHED, "The plugin's answer is no JSON: " + why);
  }

  /**
   * Why a plugin did not become ready.
   *
   * @param answer to LOAD
   * @throws FrameException when it is none
   */
  static PluginStartException notReady(Frame answer) throws FrameException {
    Failure failure = Failure.of(answer.payload());
    return failure.code() == Failure.HASH_MISMATCH
        ? new PluginStartException(
            PluginState.TAMPERED,
            RefusalReason.HASH_MISMATCH,
            "Its file is not the one that was taken in")
        : new PluginStartException(
            PluginState.INCOMPATIBLE,
            RefusalReason.START_FAILED,
            "It refused to open: " + plain(failure.detail()));
  }

  private static String plain(byte[] text) {
    String line = new String(text, StandardCharsets.UTF_8).replaceAll("[\\p{Cc}\\p{Cf}]", " ");
    return line.length() > MAX_DETAIL_CHARS ? line.substring(0, MAX_DETAIL_CHARS) + "…" : line;
  }
}
