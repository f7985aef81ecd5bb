package io.mimir.pipeline.service.language;

import java.util.Set;

/**
 * Something that is wrong with a definition.
 *
 * @param path the place, as a JSON Pointer into the definition, such as {@code /steps/2/with/url}
 * @param step the path of the step that it is about, such as {@code loop.summarise}; null for the
 *     pipeline as a whole
 * @param code a word in snake_case that programs can rely on
 * @param message what is wrong and what to do, one or two sentences
 */
public record Finding(String path, String step, String code, String message) {

  private static final Set<String> OF_THE_MOMENT =
      Set.of("not_ready", "unknown_model", "unknown_pipeline");

  /**
   * Whether it may change by itself, such as a plugin that is disabled now: it is told, and does
   * not keep the definition from being saved.
   */
  public boolean isWarning() {
    return OF_THE_MOMENT.contains(code);
  }
}
