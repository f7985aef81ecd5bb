package io.mimir.plugin;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a plugin is for, as its manifest says. */
public enum PluginType {
  INPUT,
  OUTPUT,
  AI,
  DATA_PROCESSING;

  /** As it is written in manifests, in the API and in the database. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<PluginType> of(String wire) {
    return Arrays.stream(values()).filter(type -> type.wire().equals(wire)).findFirst();
  }
}
