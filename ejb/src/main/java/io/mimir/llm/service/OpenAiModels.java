package io.mimir.llm.service;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/**
 * The models of OpenAI and of what speaks its protocol; below the versioned base.
 *
 * <p>The path stands at the method: a type with a path would be taken for a resource of our own
 * API.
 */
@Produces(MediaType.APPLICATION_JSON)
public interface OpenAiModels {

  /**
   * @param authorization Bearer and the key, or null
   */
  @GET
  @Path("/models")
  ModelIds list(@HeaderParam("Authorization") String authorization);
}
