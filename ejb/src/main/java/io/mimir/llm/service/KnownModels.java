package io.mimir.llm.service;

import io.mimir.llm.Provider;
import java.util.Optional;
import java.util.Set;

public final class KnownModels {
  private KnownModels() {}

  public static Optional<Provider> providerOf(String model) {
    return Optional.empty();
  }

  public static Optional<String> idOf(String label) {
    return Optional.empty();
  }

  public static Set<String> idsOf(Provider p) {
    return Set.of();
  }

  public static String labelOf(Provider p, String id) {
    return id;
  }
}
