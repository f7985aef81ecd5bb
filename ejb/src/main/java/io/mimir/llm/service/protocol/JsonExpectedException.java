package io.mimir.llm.service.protocol;

import java.io.IOException;

/** The model was to answer with JSON and did not; neither its key nor its endpoint is at fault. */
public final class JsonExpectedException extends IOException {

  private static final long serialVersionUID = 1L;

  JsonExpectedException() {
    super("The model did not answer with a JSON object, which the request asked for");
  }
}
