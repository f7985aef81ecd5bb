package io.mimir.plugin.kit.frame;

import java.io.IOException;

/** The other side does not keep to the protocol; nothing more that it says can be trusted. */
public final class FrameException extends IOException {

  private static final long serialVersionUID = 1L;

  public FrameException(String message) {
    super(message);
  }
}
