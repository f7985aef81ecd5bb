package io.mimir.pipeline.service;

/** A trigger was made, switched or deleted. */
public record TriggerChanged(String triggerId) {}
