package io.mimir.llm.service.protocol;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;

/** The two who do not speak the same protocol, and how they are told so. */
record ProtocolPair(WireProtocol client, WireProtocol upstream) {

  /** A field that only the client's protocol has. */
  ProblemException refused(String field) {
    return refused(field, "leave it out");
  }

  /**
   * @param instead what the client can do other than choosing another model, as an imperative
   */
  ProblemException refused(String field, String instead) {
    return ProblemException.of(
        Problem.REFUSED,
        field,
        "not_translatable",
        field
            + " cannot be said in "
            + upstream.label()
            + ", which this model's provider speaks: "
            + instead
            + ", or choose a model whose provider speaks "
            + client.label());
  }

  /** A field that this server does not know at all. */
  ProblemException unknown(String field) {
    return ProblemException.of(
        Problem.REFUSED,
        field,
        "unknown_field",
        field
            + " is not known to the translation from "
            + client.label()
            + " to "
            + upstream.label()
            + ": leave it out, or choose a model whose provider speaks "
            + client.label());
  }

  /**
   * @param rule what the field has to be, such as {@code must be a text}
   */
  ProblemException invalid(String field, String rule) {
    return ProblemException.of(Problem.INVALID, field, "invalid", field + " " + rule);
  }

  /** There is no translation between the two. */
  ProblemException unsupported() {
    return new ProblemException(
        Problem.REFUSED,
        "This model's provider speaks "
            + upstream.label()
            + ", into which "
            + client.label()
            + " is not translated: choose a model whose provider speaks the latter, or call an"
            + " address of this server that is translated, such as /v1/chat/completions");
  }
}
