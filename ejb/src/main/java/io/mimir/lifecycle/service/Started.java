package io.mimir.lifecycle.service;

/** The database is open and current: features fill their memory now, before the first request. */
public record Started() {}
