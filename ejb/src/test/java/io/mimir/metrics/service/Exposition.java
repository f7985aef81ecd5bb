package io.mimir.metrics.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text format of Prometheus 0.0.4 as strictly as its description has it
 * (prometheus.io/docs/instrumenting/exposition_formats), and fails where a reader might stumble.
 */
public final class Exposition {

  private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
  private static final Pattern HELP = Pattern.compile("# HELP (" + NAME + ") (\\S.*)");
  private static final Pattern TYPE =
      Pattern.compile("# TYPE (" + NAME + ") (counter|gauge|histogram)");
  private static final Pattern SAMPLE =
      Pattern.compile("(" + NAME + ")(?:\\{(.*)})? (NaN|[+-]Inf|-?[0-9.]+(?:E-?[0-9]+)?)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");

  private final Map<String, Family> families = new LinkedHashMap<>();

  /** The samples of one name, by their labels. */
  public record Family(String type, Map<Map<String, String>, Map<String, Double>> series) {

    private void add(String name, Matcher sample) {
      Map<String, String> labels = labels(sample.group(2));
      String bound = labels.remove("le");
      String own = sample.group(1);
      boolean fits =
          type.equals("histogram")
              ? List.of(name + "_bucket", name + "_sum", name + "_count").contains(own)
              : own.equals(name);
      assertThat(fits).as("%s below the TYPE of %s", own, name).isTrue();
      assertThat(bound != null).as(own).isEqualTo(own.equals(name + "_bucket"));
      Double value =
          sample.group(3).endsWith("Inf")
              ? Double.POSITIVE_INFINITY
              : Double.valueOf(sample.group(3));
      Double before =
          series
              .computeIfAbsent(labels, fresh -> new LinkedHashMap<>())
              .put(bound == null ? own : own + " " + bound, value);
      assertThat(before).as("each sample once: %s%s", own, labels).isNull();
    }

    private static Map<String, String> labels(String text) {
      Map<String, String> labels = new TreeMap<>();
      int end = 0;
      if (text != null) {
        Matcher label = LABEL.matcher(text);
        while (label.find() && label.start() == end) {
          assertThat(labels.put(label.group(1), label.group(2))).as(text).isNull();
          end = label.end();
        }
        assertThat(end).as(text).isEqualTo(text.length());
      }
      return labels;
    }
  }

  private Exposition() {}

  /** Reads a text and judges it. */
  public static Exposition of(String text) {
    Exposition read = new Exposition();
    assertThat(text).endsWith("\n");
    String name = null;
    String help = null;
    for (String line : text.split("\n")) {
      Matcher found = HELP.matcher(line);
      if (found.matches()) {
        help = found.group(1);
        continue;
      }
      found = TYPE.matcher(line);
      if (found.matches()) {
        name = found.group(1);
        assertThat(help).as("HELP stands before %s", line).isEqualTo(name);
        assertThat(read.families).as("each name once").doesNotContainKey(name);
        read.families.put(name, new Family(found.group(2), new LinkedHashMap<>()));
        continue;
      }
      found = SAMPLE.matcher(line);
      assertThat(found.matches()).as(line).isTrue();
      assertThat(name).as("TYPE stands before %s", line).isNotNull();
      read.families.get(name).add(name, found);
    }
    read.families.forEach(Exposition::judge);
    return read;
  }

  public Map<String, Family> families() {
    return families;
  }

  /** The value of a sample of a counter or gauge; null where it is not there. */
  public Double value(String name, String... labels) {
    Map<String, String> wanted = new TreeMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      wanted.put(labels[i], labels[i + 1]);
    }
    Family family = families.get(name);
    Map<String, Double> samples = family == null ? null : family.series().get(wanted);
    if (samples == null) {
      return null;
    }
    return samples.get(family.type().equals("histogram") ? name + "_count" : name);
  }

  private static void judge(String name, Family family) {
    assertThat(family.series()).as(name).isNotEmpty();
    if (family.type().equals("counter")) {
      assertThat(name).endsWith("_total");
    } else {
      assertThat(name).doesNotEndWith("_total").doesNotMatch(".*_(count|sum|bucket)");
    }
    assertThat(name).doesNotMatch(".*_(ms|milliseconds|minutes|kilobytes|percent)(_.*)?");
    if (family.type().equals("histogram")) {
      family.series().values().forEach(samples -> judgeHistogram(name, samples));
    }
  }

  private static void judgeHistogram(String name, Map<String, Double> samples) {
    List<Double> bounds = new ArrayList<>();
    List<Double> counts = new ArrayList<>();
    samples.forEach(
        (key, value) -> {
          if (key.startsWith(name + "_bucket ")) {
            String bound = key.substring(key.indexOf(' ') + 1);
            bounds.add(bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound));
            counts.add(value);
          }
        });
    assertThat(bounds)
        .as(name)
        .isSorted()
        .doesNotHaveDuplicates()
        .endsWith(Double.POSITIVE_INFINITY);
    assertThat(counts).as(name).isSorted();
    assertThat(samples.get(name + "_count")).isEqualTo(counts.get(counts.size() - 1));
    assertThat(samples).containsKey(name + "_sum");
  }
}
