package io.mimir.pipeline.service.language;

/**
 * Something that is wrong with a definition.
 *
 * @param path the place, as a JSON Pointer into the definition, such as {@code /steps/2/with/url}
 * @param step the path of the step that it is about, such as {@code loop.summarise}; null for the
 *     pipeline as a whole
 * @param code a word in snake_case that programs can rely on
 * @param message what is wrong and what to do, one or two sentences
 * @param isWarning whether it may change by itself, such as a plugin that is disabled now: it is
 *     told, and does not keep the definition from being saved
 */
public record Finding(String path, String step, String code, String message, boolean isWarning) {

  /** Something that has to be mended first. */
  public Finding(String path, String step, String code, String message) {
    this(path, step, code, message, false);
  }
}
