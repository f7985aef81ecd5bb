package io.mimir.net;

/** Placeholder until the net feature lands in the next commit. */
public record EndpointUrl(String text) {}
