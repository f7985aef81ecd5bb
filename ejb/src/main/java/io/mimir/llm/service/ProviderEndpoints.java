package io.mimir.llm.service;

import io.mimir.llm.*;
import io.mimir.net.EndpointUrl;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

@ApplicationScoped
public class ProviderEndpoints {
  public Endpoint endpointFor(Provider p, Optional<EndpointUrl> u) {
    return new Endpoint(p, u.orElse(EndpointUrl.parse("http://localhost:11434")));
  }
}
