package io.mimir.security.service;

/** A token must not be let in any more, once the transaction commits. */
public record AccessTokenRevoked(String tokenId) {}
