package io.mimir.net.service;

import java.util.Optional;

/** Ways out for tests. */
public final class EgressClients {

  private EgressClients() {}

  /** A way out as the server has it in production, with some addresses opened. */
  public static EgressClient open(String allowlist) {
    EgressClient egress = new EgressClient();
    egress.config = config(allowlist);
    return egress;
  }

  /** A way out as a developer has it. */
  public static EgressClient dev() {
    EgressClient egress = open("");
    egress.config.profile = "dev";
    return egress;
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

  public static void close(EgressClient egress) {
    egress.close();
  }
}
