package io.mimir.plugin.kit.trust;

import java.util.Objects;

/**
 * What is known of a file beside its bytes.
 *
 * @param pluginName as its manifest says
 * @param fileName as it was uploaded; null when it does not matter
 * @param signature as it was given, in whatever form; null when there is none
 */
public record Candidate(String pluginName, String fileName, byte[] signature) {

  public Candidate {
    Objects.requireNonNull(pluginName);
  }

  @Override
  public String toString() {
    return "Candidate[" + pluginName + "]";
  }
}
