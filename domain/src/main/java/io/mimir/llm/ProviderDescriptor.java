package io.mimir.llm;

import static java.util.Objects.requireNonNull;

import io.mimir.net.EndpointUrl;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is known of a provider: an entry of {@code providers.json}. Paths are relative references
 * (RFC 3986) with the base address as a folder: {@code models} is below it, {@code ../models}
 * beside it, {@code /models} at the root of its host.
 *
 * @param id lower-case letters, digits and dashes
 * @param label the name as people write it
 * @param family the protocols that it speaks
 * @param endpoint the provider's own address; null where each customer has another one
 * @param endpointExample an address as people enter it, for forms
 * @param needsKey whether a key without a value makes no sense
 * @param selfHosted whether it may be a machine of one's own network
 * @param auth how a key travels
 * @param headers what each call carries besides
 * @param baseRules how the path of an entered address becomes that of the calls; the first that
 *     matches counts, and without a match the path stays as it was entered
 * @param protocols the operations of conversations that it is documented to have, beside those of
 *     its family
 * @param models where its models are listed
 * @param keyCheck an address that costs nothing and answers 401 or 403 to a wrong key; null where
 *     none is known
 * @param quirks what it does otherwise than the publisher of its protocol
 */
public record ProviderDescriptor(
    String id,
    String label,
    ProtocolFamily family,
    EndpointUrl endpoint,
    String endpointExample,
    boolean needsKey,
    boolean selfHosted,
    AuthScheme auth,
    Map<String, String> headers,
    List<BaseRule> baseRules,
    Set<ProviderOperation> protocols,
    ModelList models,
    String keyCheck,
    Set<Quirk> quirks) {

  public ProviderDescriptor {
    requireNonNull(id);
    requireNonNull(label);
    requireNonNull(family);
    requireNonNull(endpointExample);
    requireNonNull(auth);
    requireNonNull(models);
    headers = Map.copyOf(headers);
    baseRules = List.copyOf(baseRules);
    protocols = Set.copyOf(protocols);
    quirks = Set.copyOf(quirks);
  }

  /**
   * A rule for entered addresses.
   *
   * @param path what the whole path of the address has to match; that of a bare host is empty
   * @param query a member that the query has to have; null for none
   * @param base the path of the calls, with the groups of the match as {@code $1} and the model as
   *     {@code {model}}
   * @param defaults members that the query gets where it has none of that name
   * @param models where the models are listed; null for the provider's usual place
   */
  public record BaseRule(
      Pattern path, String query, String base, Map<String, String> defaults, String models) {

    public BaseRule {
      requireNonNull(path);
      requireNonNull(base);
      defaults = Map.copyOf(defaults);
    }
  }

  /**
   * The place where a provider lists its models.
   *
   * @param path null where it has none
   * @param id the member of an entry that names the model; null for {@code id}, else {@code name}
   * @param access who is shown it
   * @param offered whether the key may use what is listed; Azure lists what could be deployed
   */
  public record ModelList(String path, String id, Access access, boolean offered) {

    public ModelList {
      requireNonNull(access);
    }
  }

  /** Who is shown a list of models: whether it proves that a key is good. */
  public enum Access {
    /** Good keys only; an endpoint without any key of its own shows it to everybody. */
    KEY,
    /** Everybody, wrong keys too. */
    PUBLIC,
    /** One or the other, by the endpoint. */
    UNKNOWN
  }

  /** What an imitator of a protocol does otherwise. */
  public enum Quirk {
    /** Refuses {@code stream_options}, so that a stream tells no token counts. */
    NO_STREAM_OPTIONS,
    /** Knows {@code max_tokens} and not its successor {@code max_completion_tokens}. */
    MAX_TOKENS
  }
}
