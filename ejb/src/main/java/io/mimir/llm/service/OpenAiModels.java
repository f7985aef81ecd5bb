package io.mimir.llm.service;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** The models of OpenAI and of what speaks its protocol; below the versioned base. */
@Produces(MediaType.APPLICATION_JSON)
public interface OpenAiModels {

  /**
   * @param authorization Bearer and the key, or null
   */
  @GET
  @Path("/models")
  ModelIds list(@HeaderParam("Authorization") String authorization);
}
