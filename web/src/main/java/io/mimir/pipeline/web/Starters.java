package io.mimir.pipeline.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.mimir.pipeline.service.run.RunJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What new pipelines begin with: {@code starters/*.json}. */
final class Starters {

  /** The templates that people choose from, in this order. */
  static final List<String> NAMES = List.of("digest", "each", "approval");

  private static final String BLANK = "blank";

  /** Stands in the files where a model is named. */
  private static final String MODEL = "$MODEL";

  private Starters() {}

  /**
   * @param name of a template; the smallest one for any other word, and for null
   * @param model that its steps ask
   */
  static JsonNode read(String name, String model) {
    String file = name != null && NAMES.contains(name) ? name : BLANK;
    try (InputStream in = Starters.class.getResourceAsStream("starters/" + file + ".json")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return RunJson.stored(text.replace(MODEL, model));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
