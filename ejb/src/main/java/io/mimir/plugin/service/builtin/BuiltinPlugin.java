package io.mimir.plugin.service.builtin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.ProblemException;
import io.mimir.plugin.service.PluginCallException;
import java.util.Set;

/**
 * A plugin that is part of the server. Its manifest, in the form of an uploaded plugin's, is the
 * resource {@code /builtin/<name>.json}; {@link Builtins} checks each input against it, so that a
 * plugin only sees what fits.
 */
public interface BuiltinPlugin {

  /** The name that its manifest has as well. */
  String name();

  /**
   * Does an action, on the thread of the caller.
   *
   * @param action one of the manifest's
   * @param settings what was configured; closed when the call has ended
   * @param input fits the action's input_schema
   * @param deadline to be looked at in whatever may take long
   * @return a JSON object
   * @throws PluginCallException REFUSED, BAD_INPUT or DEADLINE, without a secret in it
   */
  ObjectNode call(String action, Settings settings, ObjectNode input, Deadline deadline)
      throws PluginCallException;

  /**
   * Refuses a configuration that fits the schema and still makes no sense.
   *
   * @param before the open part as it is now
   * @param after what it would be
   * @param kept names of the secrets that were there before and would stay
   * @throws ProblemException with the field that is wrong
   */
  default void vet(ObjectNode before, Settings after, Set<String> kept) {
    // Most have nothing to add to their schema.
  }
}
