package io.mimir.usage.web;

import io.mimir.web.Json;
import io.mimir.web.Languages;
import io.mimir.web.Texts;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * A chart of bars, as Chart.js wants it. The colours are named for what they do; {@code usage.js}
 * gives them their values, which depend on the theme.
 */
final class UsageChart {

  private UsageChart() {}

  /** Requests that were answered, and those that failed. */
  static String ofRequests(List<UsageRow> rows, boolean lying) {
    return write(
        rows,
        lying,
        bars(Texts.of("usage.succeeded"), "accent", rows, row -> row.requests() - row.errors()),
        bars(Texts.of("usage.errors"), "bad", rows, UsageRow::errors));
  }

  static String ofTokens(List<UsageRow> rows, boolean lying) {
    return write(
        rows,
        lying,
        bars(Texts.of("usage.input"), "accent", rows, UsageRow::inputTokens),
        bars(Texts.of("usage.output"), "line-strong", rows, UsageRow::outputTokens));
  }

  private static Map<String, Object> bars(
      String label, String tone, List<UsageRow> rows, ToLongFunction<UsageRow> number) {
    return Map.of(
        "label",
        label,
        "tone",
        tone,
        "maxBarThickness",
        28,
        "data",
        rows.stream().mapToLong(number).boxed().toList());
  }

  private static String write(
      List<UsageRow> rows, boolean lying, Map<String, Object> one, Map<String, Object> other) {
    Map<String, Object> names =
        Map.of(
            "stacked",
            true,
            "grid",
            Map.of("display", false),
            "ticks",
            Map.of("maxRotation", 0, "autoSkip", !lying));
    Map<String, Object> numbers =
        Map.of(
            "stacked",
            true,
            "beginAtZero",
            true,
            "border",
            Map.of("display", false),
            "ticks",
            Map.of(
                "precision",
                0,
                "maxTicksLimit",
                6,
                "maxRotation",
                0,
                "format",
                Map.of(
                    "notation",
                    "compact",
                    "minimumFractionDigits",
                    0,
                    "maximumFractionDigits",
                    1)));
    Map<String, Object> config =
        Map.of(
            "type",
            "bar",
            "data",
            Map.of(
                "labels",
                rows.stream().map(UsageRow::wholeLabel).toList(),
                "datasets",
                List.of(one, other)),
            "options",
            Map.of(
                "responsive",
                true,
                "maintainAspectRatio",
                false,
                "animation",
                false,
                "locale",
                Languages.spoken().toLanguageTag(),
                "indexAxis",
                lying ? "y" : "x",
                "interaction",
                Map.of("mode", "index", "axis", lying ? "y" : "x", "intersect", false),
                "scales",
                lying ? Map.of("x", numbers, "y", names) : Map.of("x", names, "y", numbers),
                "plugins",
                Map.of(
                    "legend",
                    Map.of(
                        "position", "bottom", "labels", Map.of("boxWidth", 10, "boxHeight", 10)))));
    return forScript(Json.text(config));
  }

  /** This stands within a script of the page: names of models are anybody's, and end no script. */
  static String forScript(String json) {
    return json.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }
}
