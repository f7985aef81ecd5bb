package io.mimir.lifecycle.service;

/** Nothing runs any more for anybody: the port may close, and then the process ends. */
public record Drained() {}
