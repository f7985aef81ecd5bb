package io.mimir.credential;

import io.mimir.llm.Provider;

/**
 * A model as a caller names it.
 *
 * @param provider null when the name alone has to tell
 * @param name the model's id
 */
public record ModelRef(Provider provider, String name) {

  /**
   * Reads {@code provider/model}; a first part that is no provider belongs to the model's own id.
   */
  public static ModelRef of(Provider provider, String name) {
    int slash = name.indexOf('/');
    if (provider == null && slash > 0) {
      var named = Provider.ofWire(name.substring(0, slash));
      if (named.isPresent()) {
        return new ModelRef(named.get(), name.substring(slash + 1));
      }
    }
    return new ModelRef(provider, name);
  }
}
