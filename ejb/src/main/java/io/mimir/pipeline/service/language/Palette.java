package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;

/** What definitions may be built from at this moment. */
public interface Palette {

  /**
   * An action of a plugin.
   *
   * @param input JSON Schema of its input; null for any object
   * @param output JSON Schema of its result; null for anything
   * @param ready whether it can be called now
   * @param whyNot a sentence that says why it cannot, and what to do; null when it can
   */
  record Offer(ObjectNode input, ObjectNode output, boolean ready, String whyNot) {}

  /** The names of all plugins. */
  Set<String> plugins();

  /** The names of a plugin's actions; empty for an unknown one. */
  Set<String> actions(String plugin);

  Optional<Offer> offer(String plugin, String action);

  /** Tells whether somebody serves a model. */
  boolean servesModel(String model);

  /** The definition of another pipeline as its newest revision has it. */
  Optional<Definition> pipeline(String name);
}
