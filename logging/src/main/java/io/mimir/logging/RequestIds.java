package io.mimir.logging;

import java.util.function.Supplier;

/**
 * Where the lines of the log learn which request they are about. The application has other class
 * loaders than the server's log: it names its source here once, by reflection, and in types of the
 * JDK.
 */
public final class RequestIds {

  private static volatile Supplier<String> source = () -> null;

  private RequestIds() {}

  /**
   * Names the source.
   *
   * @param ids tells the id of the request that the calling thread works for, or null
   */
  public static void from(Supplier<String> ids) {
    source = ids;
  }

  /** Returns the id of the request that this thread works for, or null. */
  static String current() {
    return source.get();
  }
}
