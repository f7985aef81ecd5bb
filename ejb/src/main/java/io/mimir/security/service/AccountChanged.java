package io.mimir.security.service;

/**
 * Roles, password or state of an account are no longer what they were, once the transaction
 * commits.
 */
public record AccountChanged(String accountId) {}
