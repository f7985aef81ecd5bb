package io.mimir.usage;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The short names that clients are counted under. The set is closed, so that no caller can make the
 * counts grow by inventing {@code User-Agent} headers.
 */
public final class ClientNames {

  /** A client that is not known, or that does not say what it is. */
  public static final String OTHER = "other";

  /** What is looked at of a header: agents name themselves first. */
  private static final int MAX_CHARS = 300;

  /** A name, and the texts in lower case of which one occurs in the header. */
  private record Known(String name, List<String> marks) {
    static Known of(String name, String... marks) {
      return new Known(name, List.of(marks));
    }
  }

  /** Agents stand before the libraries that they are made of: the first that fits counts. */
  private static final List<Known> KNOWN =
      List.of(
          Known.of("claude-cli", "claude-cli/", "claude-code/"),
          Known.of("codex", "codex_", "codex-", "codex/"),
          Known.of("opencode", "opencode/"),
          Known.of("qwen-code", "qwencode/", "qwen-code/"),
          Known.of("continue", "continue/", "continuedev"),
          Known.of("openai-python", "openai/python"),
          Known.of("openai-node", "openai/js"),
          Known.of("curl", "curl/"),
          Known.of("browser", "mozilla/"));

  /** Every name that {@link #of} can return. */
  public static final Set<String> ALL =
      Stream.concat(KNOWN.stream().map(Known::name), Stream.of(OTHER))
          .collect(Collectors.toUnmodifiableSet());

  private ClientNames() {}

  /**
   * Returns the name of the client that sent this header.
   *
   * @param userAgent null when the client sent none
   */
  public static String of(String userAgent) {
    if (userAgent == null) {
      return OTHER;
    }
    String text =
        userAgent.substring(0, Math.min(userAgent.length(), MAX_CHARS)).toLowerCase(Locale.ROOT);
    for (Known known : KNOWN) {
      for (String mark : known.marks()) {
        if (text.contains(mark)) {
          return known.name();
        }
      }
    }
    return OTHER;
  }
}
