package io.mimir.llm.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.llm.Provider;
import io.mimir.llm.ProviderOperation;
import io.mimir.llm.service.ProviderCatalog;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.util.List;

/** The catalogue of providers, for clients that manage keys. */
@Path("providers")
@RequestScoped
@Produces(APPLICATION_JSON)
public class ProvidersResource {

  @Inject ProviderCatalog catalog;

  /**
   * A provider as clients see it.
   *
   * @param protocols the operations of conversations that it is documented to have
   * @param defaultEndpoint null where a key has to bring the address
   */
  public record ProviderView(
      String id,
      String label,
      List<String> protocols,
      String defaultEndpoint,
      boolean needsEndpoint,
      boolean needsKey) {}

  /** Lists the providers in the order in which forms show them. */
  @GET
  public List<ProviderView> list() {
    return Provider.all().stream().map(this::view).toList();
  }

  private ProviderView view(Provider provider) {
    return new ProviderView(
        provider.wire(),
        provider.label(),
        provider.protocols().stream().map(ProviderOperation::wire).sorted().toList(),
        catalog.standard(provider).map(Object::toString).orElse(null),
        provider.needsEndpoint(),
        provider.needsKey());
  }
}
