package io.mimir.web;

import com.fasterxml.jackson.databind.module.SimpleModule;

/**
 * The types of a feature that are written as one JSON value. Found as a service
 * (META-INF/services), so that the kernel reads and writes them without seeing the feature.
 */
public interface JsonTypes {

  /** Adds what reads and writes these types. */
  void addTo(SimpleModule types);
}
