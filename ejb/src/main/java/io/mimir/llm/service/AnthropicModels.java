package io.mimir.llm.service;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

/**
 * The models of Anthropic.
 *
 * <p>The path stands at the method: a type with a path would be taken for a resource of our own
 * API.
 */
@Produces(MediaType.APPLICATION_JSON)
public interface AnthropicModels {

  /**
   * @param most how many to list, up to 1000; without it there are 20
   */
  @GET
  @Path("/v1/models")
  ModelIds list(
      @HeaderParam("x-api-key") String key,
      @HeaderParam(AnthropicProtocol.VERSION_HEADER) String version,
      @QueryParam("limit") int most);
}
