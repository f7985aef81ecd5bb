package io.mimir.llm.service;

import java.util.List;

/** The ids of the models that an endpoint offers. */
public record ModelIds(List<String> ids) {}
