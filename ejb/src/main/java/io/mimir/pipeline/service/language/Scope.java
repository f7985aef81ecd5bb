package io.mimir.pipeline.service.language;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * What a step sees. Values may be large and on the disk, so they are asked for one by one, and only
 * where they are used.
 */
public interface Scope {

  /** The input of the run, an object. */
  JsonNode input();

  /** The names of the steps whose results are here: those before this one, and no others. */
  Set<String> steps();

  /** The result of a step; null when there is none of this name. */
  JsonNode step(String name);

  /** The item that the innermost {@code each} is at; null outside of one. */
  JsonNode item();

  /** The place of that item, from 0 on; -1 outside of an {@code each}. */
  int index();

  /** Facts of the run: {@code id}, {@code started_at}, {@code pipeline}. An object. */
  JsonNode run();
}
