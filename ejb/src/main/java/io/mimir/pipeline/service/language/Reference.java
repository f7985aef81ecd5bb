package io.mimir.pipeline.service.language;

import java.util.List;

/**
 * A place of the run's context that a text, a pointer or an expression names.
 *
 * @param path the names on the way, such as {@code steps, fetch, body}; at least one
 */
record Reference(List<String> path) {

  Reference {
    path = List.copyOf(path);
  }

  String root() {
    return path.get(0);
  }

  /** The step that is named; null when it is none, or none in particular. */
  String step() {
    return root().equals("steps") && path.size() > 1 ? path.get(1) : null;
  }

  @Override
  public String toString() {
    return String.join(".", path);
  }
}
