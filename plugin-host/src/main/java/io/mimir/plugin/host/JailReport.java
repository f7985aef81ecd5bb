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
      missing.add(what + ": " + why);
    }
  }

  boolean isComplete() {
    return missing.isEmpty();
  }

  List<String> missing() {
    return missing;
  }

  /** Numbers and true and false stand bare; the sentences in "missing" are ASCII of our own. */
  String json() {
    String members =
        applied.entrySet().stream()
            .map(each -> "\"" + each.getKey() + "\":" + each.getValue())
            .collect(Collectors.joining(","));
    String gaps =
        missing.stream()
            .map(each -> "\"" + each.replaceAll("[\\\\\"]", "'") + "\"")
            .collect(Collectors.joining(","));
    return "{" + members + (members.isEmpty() ? "" : ",") + "\"missing\":[" + gaps + "]}";
  }
}
