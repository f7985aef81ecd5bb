package io.mimir.upstream.service;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.error.ProblemException;
import io.mimir.security.service.Identity;
import java.util.List;

/** Models that no key has to be chosen for. Every CDI bean that implements this is asked. */
public interface ModelSource {

  /**
   * A question to such a model.
   *
   * @param model as the client named it
   * @param chat the question in the form of OpenAI's chat completions
   * @param streamed whether the answer is wanted piece by piece
   */
  record Question(String model, JsonNode chat, boolean streamed, Identity caller) {}

  /** Takes an answer. None of these may block. */
  interface Listener {

    /** A piece of what is said; only of an answer that is wanted so. */
    void said(String piece);

    /**
     * The answer is complete.
     *
     * @param rest what was not said piece by piece; may be empty
     */
    void ended(String rest, long inputTokens, long outputTokens);

    void failed(ProblemException why);
  }

  /** Lists the models that somebody may ask, each with a prefix and a slash. */
  List<String> models(Identity caller);

  /** Tells whether a model is of this source. */
  boolean has(String model);

  /**
   * Asks. Returns at once.
   *
   * @return ends the call when nobody wants its answer any more
   * @throws ProblemException MODEL_NOT_FOUND, and what else keeps it from beginning
   */
  Runnable ask(Question question, Listener listener);
}
