package io.mimir.llm.service;

import io.mimir.net.service.Outbound;

/** Clients of providers for tests of other features. */
public final class Clients {

  private Clients() {}

  /** Clients whose calls leave here. */
  public static LlmClients over(Outbound outbound) {
    LlmClients clients = new LlmClients();
    clients.outbound = outbound;
    return clients;
  }
}
