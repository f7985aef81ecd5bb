package io.mimir.web;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Locale.LanguageRange;

/**
 * The languages of the pages. A request is answered in the one that the person chose, which a
 * cookie keeps; else in the one that the browser asks for; else in English.
 */
public final class Languages {

  /** The name of the cookie; its value is the code of a language. */
  static final String COOKIE = "lang";

  /** The first is for whoever asks for none of them. */
  static final List<Locale> ALL = List.of(Locale.ENGLISH, Locale.GERMAN);

  private static final String ANY = "*";
  private static final Duration KEPT = Duration.ofDays(365);

  /** Browsers send less than a tenth of it. */
  private static final int LONGEST_HEADER = 1000;

  /** Empty on threads that make no page. */
  private static final ThreadLocal<Locale> SPOKEN = new ThreadLocal<>();

  private Languages() {}

  /** The language of the page that this thread is making; English where it makes none. */
  public static Locale spoken() {
    Locale spoken = SPOKEN.get();
    return spoken == null ? ALL.get(0) : spoken;
  }

  /**
   * Changes what {@link #spoken} says.
   *
   * @param language one of ours, or null when no page is made any more
   * @return what was set before, or null
   */
  static Locale speak(Locale language) {
    Locale before = SPOKEN.get();
    if (language == null) {
      SPOKEN.remove();
    } else {
      SPOKEN.set(language);
    }
    return before;
  }

  /** The language that a request is answered in, if it is for a page. */
  public static Locale of(HttpServletRequest request) {
    String header =
        String.join(",", Collections.list(request.getHeaders("Accept-Language"))); // may be several
    return choose(chosen(request), header);
  }

  private static String chosen(HttpServletRequest request) {
    if (request.getCookies() != null) {
      for (Cookie cookie : request.getCookies()) {
        if (cookie.getName().equals(COOKIE) && isKnown(cookie.getValue())) {
          return cookie.getValue();
        }
      }
    }
    return null;
  }

  /**
   * The cookie that keeps a choice, for a year.
   *
   * @param code of one of our languages
   * @param secure whether browsers are to send it by TLS only
   */
  public static Cookie cookie(String code, boolean secure) {
    Cookie cookie = new Cookie(COOKIE, code);
    cookie.setPath("/");
    cookie.setHttpOnly(true);
    cookie.setSecure(secure);
    cookie.setAttribute("SameSite", "Strict");
    cookie.setMaxAge((int) KEPT.toSeconds());
    return cookie;
  }

  /** Whether a text is the code of one of our languages. */
  public static boolean isKnown(String code) {
    return ALL.stream().anyMatch(each -> each.getLanguage().equals(code));
  }

  /**
   * @param chosen the code of a language; what is none of ours, null included, does not count
   * @param accepted the header of RFC 9110, section 12.5.4; one that is malformed does not count
   */
  static Locale choose(String chosen, String accepted) {
    if (isKnown(chosen)) {
      return Locale.forLanguageTag(chosen);
    }
    List<LanguageRange> ranges = parse(accepted);
    for (LanguageRange range : ranges) {
      if (range.getWeight() == 0) {
        break;
      }
      for (Locale each : ALL) {
        boolean named = language(range).equals(each.getLanguage());
        boolean meant = language(range).equals(ANY) && !isNamed(each, ranges);
        if (named || meant) {
          return each;
        }
      }
    }
    return ALL.get(0);
  }

  /** The ranges, the best first; of those that are equally good, the one that stands first. */
  private static List<LanguageRange> parse(String accepted) {
    if (accepted == null || accepted.isBlank() || accepted.length() > LONGEST_HEADER) {
      return List.of();
    }
    try {
      return LanguageRange.parse(accepted);
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  /** A star stands for the languages that the header does not name, RFC 4647, section 3.4. */
  private static boolean isNamed(Locale language, List<LanguageRange> ranges) {
    return ranges.stream().anyMatch(range -> language(range).equals(language.getLanguage()));
  }

  /** The language of a range such as {@code de-at}. */
  private static String language(LanguageRange range) {
    return range.getRange().split("-", 2)[0];
  }
}
