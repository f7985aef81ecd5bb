package io.mimir.llm.service;

import io.mimir.llm.LlmException;
import io.mimir.llm.Prompt;
import io.mimir.net.EndpointUrl;
import io.mimir.security.Secret;
import java.net.URI;
import java.util.Map;

/** How a kind of provider wants to be asked, and how it answers. */
interface Protocol {

  URI chatAddress(EndpointUrl base);

  /** The headers that carry the key; empty for none. */
  Map<String, String> credentials(Secret key);

  /**
   * @return UTF-8 JSON
   */
  byte[] question(Prompt prompt, boolean streamed);

  /**
   * The streamed question for endpoints that refuse what not all of them know.
   *
   * @return UTF-8 JSON; null when there is nothing to leave out
   */
  default byte[] plainQuestion(Prompt prompt) {
    return null;
  }

  /** A new reader for one answer. */
  Reading reading();

  /** Understands one answer. */
  interface Reading {

    /**
     * Takes one event or line of a stream.
     *
     * @param name of a server-sent event; null where there is none
     * @return the text that it brings; empty for none
     */
    String part(String name, String data) throws LlmException;

    /** Whether the stream has come to its proper end. */
    boolean isComplete();

    /**
     * Takes a whole answer.
     *
     * @return its text
     */
    String whole(String body) throws LlmException;

    /** The model that answered, as it names itself; null when it did not say. */
    String model();

    /** Tokens that went in; null when not known. */
    Long inputTokens();

    /** Tokens that came out; null when not known. */
    Long outputTokens();
  }
}
