package io.mimir.audit.service;

import io.mimir.audit.AuditEvent;
import io.mimir.audit.ChainLink;

/**
 * A row of the log as it is stored, or a line of an exported file.
 *
 * @param link its place in the chain; null where it has none
 */
record StoredEvent(AuditEvent event, ChainLink link) {}
