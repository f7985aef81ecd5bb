package io.mimir.id;

/**
 * The request that this thread works for at the moment, so that each line of the log can name it.
 * Whoever goes on with a request in another thread enters it there:
 *
 * <pre>{@code
 * String before = CurrentRequest.enter(id);
 * try {
 *   ...
 * } finally {
 *   CurrentRequest.enter(before);
 * }
 * }</pre>
 */
public final class CurrentRequest {

  private static final ThreadLocal<String> ID = new ThreadLocal<>();

  private CurrentRequest() {}

  /** Returns the id of the request, or null where the server does something by itself. */
  public static String id() {
    return ID.get();
  }

  /**
   * Says which request this thread works for from now on.
   *
   * @param id null for none
   * @return what it worked for before, or null
   */
  public static String enter(String id) {
    String before = ID.get();
    ID.set(id);
    return before;
  }

  /** Goes on with the request of this thread in another one. */
  public static Runnable carried(Runnable work) {
    String id = id();
    return () -> {
      String before = enter(id);
      try {
        work.run();
      } finally {
        enter(before);
      }
    };
  }
}
