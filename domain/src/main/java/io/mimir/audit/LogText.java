package io.mimir.audit;

/** Text that came from people or from requests, made fit for a log. */
public final class LogText {

  private LogText() {}

  /**
   * Cuts a text, and replaces control characters and those that turn the direction of writing, so
   * that no line of a log can be forged (T92).
   *
   * @return null for null
   */
  public static String of(String text, int maxChars) {
    if (text == null) {
      return null;
    }
    String cut = text.length() > maxChars ? text.substring(0, maxChars) + "…" : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "\uFFFD");
  }
}
