package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.plugin.service.PluginCallException.Kind;

/** What a plugin says when it does not do what it was asked, in the form of uploaded ones. */
final class Refusals {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Refusals() {}

  /**
   * @param code a word for programs
   * @param message a sentence for people: what is wrong, and what to do
   */
  static PluginCallException refused(String code, String message) {
    return of(Kind.REFUSED, code, message, false);
  }

  /** A refusal that may end by itself. */
  static PluginCallException refusedForNow(String code, String message) {
    return of(Kind.REFUSED, code, message, true);
  }

  static PluginCallException badInput(String message) {
    return of(Kind.BAD_INPUT, "bad_input", message, false);
  }

  private static PluginCallException of(Kind kind, String code, String message, boolean retryable) {
    try {
      byte[] detail =
          JSON.writeValueAsBytes(
              JSON.createObjectNode()
                  .put("code", code)
                  .put("message", message)
                  .put("retryable", retryable));
      return new PluginCallException(kind, message, detail);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Three plain members cannot be written", e);
    }
  }
}
