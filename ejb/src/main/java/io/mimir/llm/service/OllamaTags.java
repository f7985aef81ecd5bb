package io.mimir.llm.service;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** The models of an Ollama. */
@Produces(MediaType.APPLICATION_JSON)
public interface OllamaTags {

  /**
   * @param authorization Bearer and the key, or null
   */
  @GET
  @Path("/api/tags")
  ModelIds list(@HeaderParam("Authorization") String authorization);
}
