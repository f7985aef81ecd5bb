package io.mimir.audit.service;

import io.mimir.audit.ChainHead;
import io.mimir.audit.ChainKeys;

/**
 * The end of a chain as a place keeps it.
 *
 * @param sealed what shows that Mimir wrote it there
 */
record StoredHead(ChainHead head, String sealed) {

  /** The words of the places where heads are kept: one does not pass for the other. */
  static final String DATABASE = "database";

  static final String FILE = "file";

  boolean isOf(String place, ChainKeys keys) {
    return head.isSealed(sealed, place, keys);
  }
}
