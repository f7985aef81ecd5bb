package io.mimir.plugin.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What was applied of the jail, and what was not and why: the payload of HELLO. */
final class JailReport {

  private final Map<String, String> applied = new LinkedHashMap<>();
  private final List<String> missing = new ArrayList<>();

  /** Reads what {@link #text} gave in the first life. */
  static JailReport of(String text) {
    JailReport report = new JailReport();
    for (String line : text.split("\n")) {
      int end = line.indexOf('=');
      if (end > 0) {
        report.applied.put(line.substring(0, end), line.substring(end + 1));
      } else if (end == 0) {
        report.missing.add(line.substring(1));
      }
    }
    return report;
  }

  /** For the second life: lines of {@code name=value}, and of {@code =what is missing}. */
  String text() {
    StringBuilder text = new StringBuilder();
    applied.forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
    missing.forEach(each -> text.append('=').append(each).append('\n'));
    return text.toString();
  }

  void applied(String what, Object value) {
    applied.put(what, value.toString());
  }

  /**
   * @param why null when it was applied
   */
  void note(String what, String why) {
    if (why == null) {
      applied.put(what, "true");
    } else {
      applied.put(what, "false");
      missing.add((what + ": " + why).replaceAll("[\\p{Cntrl}\\\\\"]", "'"));
    }
  }

  boolean isComplete() {
    return missing.isEmpty();
  }

  List<String> missing() {
    return missing;
  }

  /** Numbers and true and false stand bare; the sentences in "missing" have nothing to escape. */
  String json() {
    String members =
        applied.entrySet().stream()
            .map(each -> "\"" + each.getKey() + "\":" + each.getValue())
            .collect(Collectors.joining(","));
    String gaps = missing.stream().map(each -> "\"" + each + "\"").collect(Collectors.joining(","));
    return "{" + members + (members.isEmpty() ? "" : ",") + "\"missing\":[" + gaps + "]}";
  }
}
