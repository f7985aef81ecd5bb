package io.mimir.upstream.service;

/** Names of people's choice in headers. */
final class CallNames {

  private static final int MAX_CHARS = 100;

  private CallNames() {}

  /** Returns a name with a question mark in place of what no header can hold. */
  static String headerSafe(String name) {
    StringBuilder safe = new StringBuilder(name.length());
    name.codePoints()
        .limit(MAX_CHARS)
        .forEach(c -> safe.append(c >= 0x20 && c < 0x7F ? (char) c : '?'));
    return safe.toString();
  }
}
