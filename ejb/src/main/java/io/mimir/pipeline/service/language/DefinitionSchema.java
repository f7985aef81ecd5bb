package io.mimir.pipeline.service.language;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The JSON Schema of definitions, by which editors complete them. */
public final class DefinitionSchema {

  private DefinitionSchema() {}

  /** JSON Schema 2020-12 as UTF-8. Every definition that can be read is valid against it. */
  public static byte[] bytes() {
    try (InputStream in = DefinitionSchema.class.getResourceAsStream("/pipeline/schema.json")) {
      if (in == null) {
        throw new IllegalStateException("The application carries no schema of pipelines");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
