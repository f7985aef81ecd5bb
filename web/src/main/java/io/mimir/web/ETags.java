package io.mimir.web;

import jakarta.ws.rs.core.EntityTag;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/** Strong ETags: the number of a row's version, in quotes. */
public final class ETags {

  private ETags() {}

  /** Returns the ETag of a version. */
  public static EntityTag of(long version) {
    return new EntityTag(Long.toString(version));
  }

  /**
   * Reads an If-Match header.
   *
   * @param ifMatch tags separated by commas, {@code *}, or null when it was not sent
   * @return tells whether a row of a version may be changed; without a header every one may
   */
  public static LongPredicate matching(String ifMatch) {
    if (ifMatch == null || ifMatch.equals("*")) {
      return version -> true;
    }
    return version ->
        Stream.of(ifMatch.split(",")).anyMatch(tag -> tag.strip().equals("\"" + version + "\""));
  }

  /** Accepts the version that a page showed and no other. */
  public static LongPredicate only(long shown) {
    return version -> version == shown;
  }
}
