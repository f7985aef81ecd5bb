package io.mimir.plugin.service;

import io.mimir.plugin.PluginState;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.frame.Failure;
import io.mimir.plugin.kit.frame.Frame;
import io.mimir.plugin.kit.frame.FrameException;
import io.mimir.plugin.kit.frame.FrameType;
import io.mimir.plugin.service.PluginCallException.Kind;
import java.nio.charset.StandardCharsets;

/** What the frames say that a plugin's process answers with. */
final class PluginAnswers {

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
