package io.mimir.llm.service.protocol;

import io.mimir.llm.service.protocol.Thinking.Effort;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a model of Anthropic's takes, by the version in its name. A name without a version, an alias
 * say, is taken for one of the middle: it may think by a budget and takes every setting.
 */
final class ClaudeModel {

  private static final Pattern FAMILY_FIRST =
      Pattern.compile("claude-[a-z]+-(\\d)(?:[-.](\\d)(?!\\d))?");
  private static final Pattern VERSION_FIRST = Pattern.compile("claude-(\\d)(?:[-.](\\d)(?!\\d))?");

  /** Most models' word for not thinking. */
  static final String NO_THINKING = "disabled";

  private final String name;
  private final int version;

  ClaudeModel(String model) {
    name = model.toLowerCase(Locale.ROOT);
    version = version(name);
  }

  /** Ten times the major version plus the minor one; 0 where the name has none. */
  private static int version(String name) {
    for (Pattern pattern : new Pattern[] {FAMILY_FIRST, VERSION_FIRST}) {
      Matcher found = pattern.matcher(name);
      if (found.find()) {
        int minor = found.group(2) == null ? 0 : Integer.parseInt(found.group(2));
        return 10 * Integer.parseInt(found.group(1)) + minor;
      }
    }
    return 0;
  }

  private boolean isBefore(int other) {
    return version > 0 && version < other;
  }

  private boolean isFrom(int other) {
    return version >= other;
  }

  boolean thinks() {
    return !isBefore(37);
  }

  /** Whether it thinks unless it is told not to. */
  boolean thinksUnasked() {
    return isFrom(50) || name.contains("mythos");
  }

  /** The word for not thinking, or for what comes next to it; null where it cannot do without. */
  String wordForNoThinking() {
    boolean always = name.contains("fable") || name.contains("mythos");
    if (always || name.contains("opus") && isFrom(55)) {
      return null;
    }
    return name.contains("sonnet") && isFrom(55) ? "between_tools" : NO_THINKING;
  }

  /** Whether it decides itself how much to think, and is told an effort in place of a budget. */
  boolean adapts() {
    return isFrom(46);
  }

  /** Whether what it thinks is shown only to who asks for it. */
  boolean hidesThoughts() {
    return isFrom(47);
  }

  Effort effort(Effort wanted) {
    return switch (wanted) {
      case MINIMAL -> Effort.LOW;
      case XHIGH -> isFrom(47) ? Effort.XHIGH : Effort.HIGH;
      default -> wanted;
    };
  }

  /** Whether it takes a temperature and the like. */
  boolean takesSampling() {
    return !isFrom(47);
  }

  /** Whether it takes a temperature or {@code top_p}, and not both. */
  boolean takesOneSampling() {
    return isFrom(41);
  }

  /** Whether it goes on where a conversation ends with its own words. */
  boolean goesOn() {
    return !isFrom(46);
  }

  /** Whether answers and arguments can be held to a schema. */
  boolean takesSchemas() {
    return !isBefore(41);
  }

  /** The most tokens that it answers with; 0 where that is not known. */
  int maxOutputTokens() {
    if (version == 0 || isFrom(46)) {
      return 0;
    }
    if (isBefore(35)) {
      return 4096;
    }
    if (isBefore(37)) {
      return 8192;
    }
    return name.contains("opus") && isBefore(45) ? 32_000 : 64_000;
  }
}
