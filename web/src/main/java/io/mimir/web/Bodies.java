package io.mimir.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;

/** Small things that every resource needs. */
public final class Bodies {

  private Bodies() {}

  /**
   * @throws ProblemException MALFORMED when the request came without a body
   */
  public static <T> T required(T body) {
    if (body == null) {
      throw new ProblemException(Problem.MALFORMED, "Send a JSON object as application/json");
    }
    return body;
  }

  /**
   * The address of what was just made: a path, because the Host header is the client's own word
   * (T69).
   */
  public static URI relative(UriInfo uri, String id) {
    return URI.create(uri.getAbsolutePathBuilder().path(id).build().getRawPath());
  }
}
