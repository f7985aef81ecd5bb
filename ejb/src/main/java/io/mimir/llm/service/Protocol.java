package io.mimir.llm.service;

import io.mimir.security.Secret;
import java.util.Map;

/** How a kind of provider takes a key. */
interface Protocol {

  /** Returns the headers that carry the key; none for an empty one. */
  Map<String, String> credentials(Secret key);
}
