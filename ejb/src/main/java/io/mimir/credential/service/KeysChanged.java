package io.mimir.credential.service;

/**
 * A key was added, changed, deleted or restored: what is in memory is out of date once the
 * transaction commits.
 */
public record KeysChanged(String keyId) {}
