package io.mimir.net.service;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Addresses that people might enter, and what becomes of each (T12, T13). */
public final class EndpointTable {

  private static final Pattern ESCAPE = Pattern.compile("\\\\u([0-9a-f]{4})");

  private EndpointTable() {}

  /** What becomes of an address. */
  public enum Outcome {
    OK,
    /** 422 endpoint_blocked. */
    BLOCKED,
    /** 400. */
    BAD
  }

  /**
   * @param hosted for OpenAI and Anthropic
   * @param selfHosted for Ollama and Custom in the prod profile
   * @param dev for Ollama and Custom in the dev profile
   */
  public record Row(String url, Outcome hosted, Outcome selfHosted, Outcome dev) {

    static Row of(String line) {
      String[] cells = line.split(" \\| ");
      return new Row(unescaped(cells[0]), outcome(cells[1]), outcome(cells[2]), outcome(cells[3]));
    }

    private static Outcome outcome(String word) {
      return Outcome.valueOf(word.toUpperCase(java.util.Locale.ROOT));
    }

    private static String unescaped(String text) {
      return ESCAPE
          .matcher(text)
          .replaceAll(found -> java.util.regex.Matcher.quoteReplacement(character(found)));
    }

    private static String character(MatchResult found) {
      return String.valueOf((char) Integer.parseInt(found.group(1), 16));
    }
  }

  public static List<Row> rows() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                EndpointTable.class.getResourceAsStream("/io/mimir/net/endpoint-urls.txt"),
                StandardCharsets.UTF_8))) {
      return lines.lines().filter(line -> !line.startsWith("#")).map(Row::of).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
