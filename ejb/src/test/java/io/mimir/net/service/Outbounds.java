package io.mimir.net.service;

import java.util.Optional;

/** Ways out for tests. */
public final class Outbounds {

  private Outbounds() {}

  /** A way out as the server has it in production, with some addresses opened. */
  public static Outbound open(String allowlist) {
    Outbound outbound = new Outbound();
    outbound.config = config(allowlist);
    return outbound;
  }

  /** A way out as a developer has it. */
  public static Outbound dev() {
    Outbound outbound = open("");
    outbound.config.profile = "dev";
    return outbound;
  }

  static NetConfig config(String allowlist) {
    NetConfig config = new NetConfig();
    config.profile = "prod";
    config.port = 8080;
    config.allowlist = Optional.of(allowlist);
    config.httpProxy = Optional.empty();
    config.caFile = Optional.empty();
    config.openAi = Optional.empty();
    config.anthropic = Optional.empty();
    config.databaseUrl = Optional.empty();
    return config;
  }

  public static void close(Outbound outbound) {
    outbound.close();
  }
}
