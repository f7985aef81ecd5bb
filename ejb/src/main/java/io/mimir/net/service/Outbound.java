package io.mimir.net.service;

import io.mimir.llm.Provider;
import io.mimir.net.EndpointUrl;
import jakarta.enterprise.context.ApplicationScoped;

@ApplicationScoped
public class Outbound {
  public void vet(Provider provider, EndpointUrl url) {}
}
