package io.mimir.pipeline.service.language;

import dev.cel.common.CelErrorCode;
import dev.cel.common.exceptions.CelRuntimeException;

/**
 * The way out of an evaluation, with a sentence for people. It is one of the library's own
 * exceptions, because the library writes all arguments of the call into the message of any other,
 * and these may be larger than memory.
 */
final class CelFault extends CelRuntimeException {

  private static final long serialVersionUID = 1L;

  private final String code;

  CelFault(String code, String message) {
    super(new IllegalStateException(message), CelErrorCode.INVALID_ARGUMENT);
    this.code = code;
  }

  String code() {
    return code;
  }

  @Override
  public String getMessage() {
    return getCause().getMessage();
  }
}
