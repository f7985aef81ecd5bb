package io.mimir.metrics.service;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Numbers in the text format of Prometheus, version 0.0.4: each family once, with its samples. */
public final class PrometheusText implements MetricsSource.Sink {

  static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** Whole numbers are exact up to here, and written without an exponent. */
  private static final double EXACT = 1L << 53;

  private final Map<String, StringBuilder> families = new LinkedHashMap<>();

  @Override
  public void gauge(String name, String help, double value, String... labels) {
    sample(family(name, "gauge", help), name, value, labels);
  }

  @Override
  public void counter(String name, String help, double value, String... labels) {
    sample(family(name, "counter", help), name, value, labels);
  }

  @Override
  public void histogram(
      String name,
      String help,
      List<Double> bounds,
      List<Long> counts,
      double sum,
      String... labels) {
    StringBuilder family = family(name, "histogram", help);
    String[] bounded = Arrays.copyOf(labels, labels.length + 2);
    bounded[labels.length] = "le";
    long total = 0;
    for (int i = 0; i <= bounds.size(); i++) {
      total += counts.get(i);
      bounded[labels.length + 1] =
          number(i < bounds.size() ? bounds.get(i) : Double.POSITIVE_INFINITY);
      sample(family, name + "_bucket", total, bounded);
    }
    sample(family, name + "_sum", sum, labels);
    sample(family, name + "_count", total, labels);
  }

  private StringBuilder family(String name, String type, String help) {
    return families.computeIfAbsent(
        name,
        fresh ->
            new StringBuilder()
                .append("# HELP ")
                .append(name)
                .append(' ')
                .append(help.replace("\\", "\\\\").replace("\n", "\\n"))
                .append("\n# TYPE ")
                .append(name)
                .append(' ')
                .append(type)
                .append('\n'));
  }

  private static void sample(StringBuilder family, String name, double value, String... labels) {
    family.append(name);
    for (int i = 0; i + 1 < labels.length; i += 2) {
      family.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
      escape(labels[i + 1], family);
      family.append('"');
    }
    if (labels.length > 1) {
      family.append('}');
    }
    family.append(' ').append(number(value)).append('\n');
  }

  private static void escape(String value, StringBuilder out) {
    String text = value == null ? "" : value;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '"' -> out.append("\\\"");
        case '\n' -> out.append("\\n");
        default -> out.append(c);
      }
    }
  }

  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return value == Math.rint(value) && Math.abs(value) < EXACT
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    families.values().forEach(text::append);
    return text.toString();
  }
}
