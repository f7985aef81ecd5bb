package io.mimir.plugin.service;

import java.util.List;

/** Something that is made of plugins. Every CDI bean that implements this is asked. */
public interface PluginUse {

  /**
   * What uses a plugin, in words for people.
   *
   * @return such as {@code the pipeline summarise-feed}; empty for nothing
   */
  List<String> of(String plugin);
}
