package io.mimir.llm.service.protocol;

import io.mimir.id.Ids;

/** Identifiers for what the other side did not name. */
final class GeneratedIds {

  private GeneratedIds() {}

  static String id(String prefix) {
    return Ids.random(prefix);
  }

  /** What was given, or one that is made where nothing was. */
  static String idUnless(String given, String prefix) {
    return given == null || given.isEmpty() ? id(prefix) : given;
  }
}
