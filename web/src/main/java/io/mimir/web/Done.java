package io.mimir.web;

/** The answer where there is no object to show. */
public record Done(String id, String message) {}
