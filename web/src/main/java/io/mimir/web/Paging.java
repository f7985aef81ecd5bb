package io.mimir.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.util.List;
import java.util.function.Function;

/** Long lists, a page at a time: a bare array, and a Link header that leads to the next page. */
public final class Paging {

  private static final int USUAL = 50;
  private static final int MAX_ROWS = 500;

  private Paging() {}

  /**
   * @param text of the query; null for the usual number
   */
  public static int limit(String text) {
    if (text == null || text.isBlank()) {
      return USUAL;
    }
    try {
      int limit = Integer.parseInt(text.strip());
      if (limit >= 1 && limit <= MAX_ROWS) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Answered below, without the text.
    }
    throw ProblemException.of(
        Problem.INVALID, "limit", "out_of_range", "Use a whole number from 1 to " + MAX_ROWS);
  }

  /**
   * @param found one more than the page holds, when there is more
   * @param cursorOf what leads to what follows a row
   */
  public static <T> Response answer(
      List<T> found, int limit, Function<T, String> cursorOf, UriInfo uri) {
    if (found.size() <= limit) {
      return Response.ok(found).build();
    }
    List<T> page = found.subList(0, limit);
    URI next =
        uri.getRequestUriBuilder()
            .replaceQueryParam("cursor", cursorOf.apply(page.get(limit - 1)))
            .build();
    String address = next.getRawPath() + "?" + next.getRawQuery();
    return Response.ok(page).header("Link", "<" + address + ">; rel=\"next\"").build();
  }
}
