package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import io.mimir.net.EndpointUrl;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Where to call, which protocol to speak there and what each call carries that is no secret.
 *
 * @param url the base as it is stored
 */
public record Endpoint(Provider provider, EndpointUrl url, Options options) {

  public Endpoint {
    requireNonNull(provider);
    requireNonNull(url);
    requireNonNull(options);
  }

  /** An endpoint that is called in the provider's usual way. */
  public Endpoint(Provider provider, EndpointUrl url) {
    this(provider, url, Options.USUAL);
  }

  /** Returns how the key travels. */
  public AuthScheme auth() {
    return options.auth() == null ? provider.descriptor().auth() : options.auth();
  }

  /**
   * What differs from the provider's usual way.
   *
   * @param query members that each address gets, in their order
   * @param auth how the key travels; null for the provider's own way
   * @param foundPath the path at which a test found the API of a bare host; null for the provider's
   *     usual one
   * @param protocols the operations of conversations that a test found; null for those that the
   *     provider is documented to have
   */
  public record Options(
      Map<String, String> query,
      AuthScheme auth,
      String foundPath,
      Set<ProviderOperation> protocols) {

    public static final Options USUAL = new Options(Map.of(), null, null, null);

    public Options {
      query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
      protocols = protocols == null ? null : Set.copyOf(protocols);
    }
  }
}
