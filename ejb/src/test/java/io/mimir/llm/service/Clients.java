package io.mimir.llm.service;

import io.mimir.net.service.EgressClient;

/** Clients of providers for tests of other features. */
public final class Clients {

  private Clients() {}

  /** Relays whose calls leave here. */
  public static Relays relaysOver(EgressClient egress) {
    Relays relays = new Relays();
    relays.egress = egress;
    return relays;
  }
}
