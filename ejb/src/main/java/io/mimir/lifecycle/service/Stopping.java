package io.mimir.lifecycle.service;

/**
 * The server is about to stop, and the database still takes what features have to write. In a
 * {@code PreDestroy} of theirs it is too late: no session bean can be called any more.
 */
public record Stopping() {}
