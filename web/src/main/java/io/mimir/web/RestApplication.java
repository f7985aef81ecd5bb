package io.mimir.web;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;

/** The API of the console. */
@ApplicationPath("/api/v1")
public class RestApplication extends Application {

  /**
   * Jersey holds the first 8 KiB of an answer back to count them, and with them the events of a
   * stream, flushed or not: {@link JsonBody} counts its own. The server's own JSON providers are as
   * good a match as ours, and which one Jersey takes is a matter of luck (both were seen): they are
   * switched off.
   */
  @Override
  public Map<String, Object> getProperties() {
    return Map.of(
        "jersey.config.server.contentLength.buffer",
        0,
        "jersey.config.server.disableJsonBinding",
        true,
        "jersey.config.server.disableJsonProcessing",
        true,
        "jersey.config.server.disableMoxyJson",
        true);
  }
}
