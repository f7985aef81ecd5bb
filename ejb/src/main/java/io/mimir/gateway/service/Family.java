package io.mimir.gateway.service;

/** Whose protocol a client of the gateway speaks: it decides how errors look. */
public enum Family {
  OPENAI,
  ANTHROPIC,
  OLLAMA
}
