package io.mimir.pipeline.service.language;

/** The way out of an evaluation, with a sentence for people. */
final class CelFault extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String code;

  CelFault(String code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  String code() {
    return code;
  }
}
