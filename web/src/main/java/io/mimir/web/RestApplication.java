package io.mimir.web;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;

/** The API of the console. */
@ApplicationPath("/api/v1")
public class RestApplication extends Application {

  /**
   * Jersey holds the first 8 KiB of an answer back to count them, and a stream's flush with them.
   * {@link JsonBody} counts its own.
   */
  @Override
  public Map<String, Object> getProperties() {
    return Map.of("jersey.config.server.contentLength.buffer", 0);
  }
}
