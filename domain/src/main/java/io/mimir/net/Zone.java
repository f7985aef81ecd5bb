package io.mimir.net;

/** The part of the network in which an endpoint may be. */
public enum Zone {
  /** The public internet alone, over https. */
  PUBLIC,
  /** The public internet and private networks, with or without TLS. */
  SELF_HOSTED;

  /** Tells whether an endpoint may have a private address, and be called without TLS. */
  public boolean allowsPrivateAddresses() {
    return this == SELF_HOSTED;
  }
}
