package io.mimir.llm;

import io.mimir.net.EndpointUrl;
import io.mimir.net.Zone;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An LLM provider: an id and what is known of it. The providers are the entries of {@code
 * providers.json}, each exactly once, so that they compare by identity.
 */
public final class Provider implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final List<Provider> ALL =
      ProviderReader.read().stream().map(Provider::new).toList();

  public static final Provider OPENAI = of("openai");
  public static final Provider ANTHROPIC = of("anthropic");
  public static final Provider OLLAMA = of("ollama");

  /** Any endpoint that speaks OpenAI's protocol. */
  public static final Provider CUSTOM = of("custom");

  private final transient ProviderDescriptor descriptor;

  private Provider(ProviderDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  /** Returns the providers in the order in which they are listed. */
  public static List<Provider> all() {
    return ALL;
  }

  /** Finds a provider by its id; empty where there is none. */
  public static Optional<Provider> ofWire(String id) {
    return ALL.stream().filter(provider -> provider.wire().equals(id)).findFirst();
  }

  /**
   * Returns the provider with an id that is known to be there.
   *
   * @throws IllegalArgumentException when it is not
   */
  public static Provider of(String id) {
    return ofWire(id).orElseThrow(() -> new IllegalArgumentException("No provider " + id));
  }

  /** Returns the id, as it is stored and on the wire. */
  public String wire() {
    return descriptor.id();
  }

  /** Returns the name as people write it. */
  public String label() {
    return descriptor.label();
  }

  public ProtocolFamily family() {
    return descriptor.family();
  }

  /**
   * Tells whether a key without a value makes no sense: hosted providers refuse every call without
   * one.
   */
  public boolean needsKey() {
    return descriptor.needsKey();
  }

  /** Tells whether a key has to bring the address: there is none that all customers share. */
  public boolean needsEndpoint() {
    return descriptor.endpoint() == null;
  }

  /** Returns the provider's own address; empty where a key has to bring it. */
  public Optional<EndpointUrl> defaultEndpoint() {
    return Optional.ofNullable(descriptor.endpoint());
  }

  /** Tells whether an administrator may point it at machines of the own network. */
  public boolean isSelfHosted() {
    return descriptor.selfHosted();
  }

  /** Returns where its endpoints may be. */
  public Zone zone() {
    return isSelfHosted() ? Zone.SELF_HOSTED : Zone.PUBLIC;
  }

  public boolean has(ProviderDescriptor.Quirk quirk) {
    return descriptor.quirks().contains(quirk);
  }

  /** Returns the operations of conversations that the provider is documented to have. */
  public Set<ProviderOperation> protocols() {
    return descriptor.protocols();
  }

  /** Returns all that is known of the provider. */
  public ProviderDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public int hashCode() {
    return wire().hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public String toString() {
    return wire();
  }

  private Object writeReplace() {
    return new Reference(wire());
  }

  /** Stands for a provider in a stored session. */
  private record Reference(String id) implements Serializable {

    private Object readResolve() {
      return of(id);
    }
  }
}
