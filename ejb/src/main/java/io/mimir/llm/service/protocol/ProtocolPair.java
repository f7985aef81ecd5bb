package io.mimir.llm.service.protocol;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.WireProtocol;

/**
 * The two who do not speak the same protocol, how they are told so, and what one request has lost
 * on its way.
 *
 * @param client null for a call that is made within this server
 * @param account whose client it is; empty where that is of no matter
 */
record ProtocolPair(
    WireProtocol client, WireProtocol upstream, Omissions omissions, String account) {

  ProtocolPair(WireProtocol client, WireProtocol upstream) {
    this(client, upstream, "");
  }

  ProtocolPair(WireProtocol client, WireProtocol upstream, String account) {
    this(client, upstream, new Omissions(), account);
  }

  boolean isTo(WireProtocol protocol) {
    return upstream == protocol;
  }

  /** A field whose meaning only the client's protocol has. */
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
            + otherModel());
  }

  private String otherModel() {
    return client == null ? "" : ", or choose a model whose provider speaks " + client.label();
  }

  /**
   * Leaves a hint out and keeps its name.
   *
   * @throws ProblemException REFUSED where the caller wants to be told so
   */
  void leaveOut(String field) {
    if (omissions.isStrict()) {
      throw strictly(field, "leave it out");
    }
    omissions.add(field);
  }

  /**
   * Says something else than the client did, and keeps the name of it.
   *
   * @param value what is said instead, a word of our own
   * @throws ProblemException REFUSED where the caller wants to be told so
   */
  void replace(String field, String value, String instead) {
    if (omissions.isStrict()) {
      throw strictly(field, instead);
    }
    omissions.add(field, value);
  }

  private ProblemException strictly(String field, String instead) {
    return ProblemException.of(
        Problem.REFUSED,
        field,
        "left_out",
        field
            + " has no equivalent in "
            + upstream.label()
            + ", which this model's provider speaks, and this call is strict: "
            + instead
            + ", or call without mimir-strict"
            + otherModel());
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
            + (client == null ? "this" : client.label())
            + " is not translated: choose a model whose provider speaks the latter, or call an"
            + " address of this server that is translated, such as /v1/chat/completions");
  }
}
