package io.mimir.llm.service;

import io.mimir.llm.AuthScheme;
import io.mimir.llm.CallOutcome;
import io.mimir.llm.Endpoint;
import io.mimir.llm.LlmException;
import io.mimir.llm.Probe;
import io.mimir.llm.ProtocolFamily;
import io.mimir.llm.Provider;
import io.mimir.llm.ProviderDescriptor.Access;
import io.mimir.llm.ProviderOperation;
import io.mimir.llm.service.ControlCalls.Response;
import io.mimir.security.NamedSecrets;
import io.mimir.security.Secret;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** One test of an endpoint with a key, without anything that costs tokens. */
final class ProbeRun {

  private static final int MAX_MODELS = 20_000;
  private static final int MAX_PAGES = 100;

  /** Where servers that people run have OpenAI's protocol, if not where most have it. */
  private static final List<String> USUAL_PATHS = List.of("", "/api/v1", "/api", "/openai/v1");

  /** What refusals of a list say that mean the list alone. */
  private static final List<String> LIST_ONLY =
      List.of("missing scope", "api.model.read", "insufficient permissions");

  private final Endpoint endpoint;
  private final Provider provider;
  private final Secret key;
  private final Secret own;
  private final ControlCalls calls;
  private ProviderAdapter adapter;
  private String foundPath;

  ProbeRun(Endpoint endpoint, Secret key, Secret own, ControlCalls calls) {
    this.endpoint = endpoint;
    this.provider = endpoint.provider();
    this.key = key;
    this.own = own;
    this.calls = calls;
    this.foundPath = endpoint.options().foundPath();
    this.adapter = ProviderAdapter.of(endpoint);
  }

  /** What is known of the key. */
  private enum Proof {
    GOOD,
    OPEN
  }

  Probe verdict() throws LlmException {
    boolean hasKey = !key.isEmpty() && endpoint.auth().kind() != AuthScheme.Kind.NONE;
    Proof proof = hasKey ? checked() : Proof.GOOD;
    String path = adapter.modelsPath();
    if (path == null) {
      return proof == Proof.GOOD ? good(Set.of(), null) : open(Set.of(), null, noList());
    }
    Response response = list();
    if (!response.isSuccess()) {
      return withoutList(response, proof);
    }
    Set<String> models = pages(response);
    if (proof == Proof.OPEN) {
      proof = provenByTheList();
    }
    Set<ProviderOperation> protocols = protocols();
    Set<String> offered = provider.descriptor().models().offered() ? models : Set.of();
    return proof == Proof.GOOD ? good(offered, protocols) : open(offered, protocols, publicList());
  }

  /** Asks the address that refuses a wrong key, unless the list of models is that address. */
  private Proof checked() throws LlmException {
    String check = adapter.keyCheckPath();
    if (check == null || check.equals(adapter.modelsPath())) {
      return Proof.OPEN;
    }
    Response response = calls.get(check, headers(key));
    if (response.isSuccess()) {
      return Proof.GOOD;
    }
    // What only resembles the provider may not have the address.
    if (response.isAbsent() || isAboutTheList(response)) {
      return Proof.OPEN;
    }
    throw response.failure();
  }

  private Map<String, String> headers(Secret with) throws LlmException {
    return adapter.headers(Map.of(), with, own);
  }

  private static boolean isAboutTheList(Response response) {
    String body = response.body().toLowerCase(Locale.ROOT);
    return response.status() == 403 && LIST_ONLY.stream().anyMatch(body::contains);
  }

  /** Asks for the models, and for those of a bare host also where other servers have them. */
  private Response list() throws LlmException {
    Response usual = calls.get(adapter.modelsPath(), headers(key));
    if (!isElsewhere(usual) || provider.descriptor().models().access() != Access.UNKNOWN) {
      return usual;
    }
    if (!endpoint.url().path().isEmpty()) {
      suggestVersion();
      return usual;
    }
    if (provider.family() != ProtocolFamily.OPENAI) {
      return usual;
    }
    ProviderAdapter first = adapter;
    for (String path : USUAL_PATHS) {
      adapter = at(path);
      Response other = calls.get(adapter.modelsPath(), headers(key));
      if (!isElsewhere(other)) {
        foundPath = path;
        return other;
      }
    }
    adapter = first;
    return usual;
  }

  private static boolean isElsewhere(Response response) {
    return response.isAbsent() || (response.isSuccess() && !isList(response));
  }

  private static boolean isList(Response response) {
    try {
      return !response.isHtml() && ModelListReader.read(response.body(), null) != null;
    } catch (LlmException e) {
      return false;
    }
  }

  private ProviderAdapter at(String path) {
    Endpoint.Options given = endpoint.options();
    return ProviderAdapter.of(
        new Endpoint(
            provider,
            endpoint.url(),
            new Endpoint.Options(given.query(), given.auth(), path, given.protocols())));
  }

  /** Says it where the API is one step below the address that was entered. */
  private void suggestVersion() throws LlmException {
    if (provider.family() != ProtocolFamily.OPENAI || endpoint.url().path().endsWith("/v1")) {
      return;
    }
    var below = endpoint.url().withPath(endpoint.url().path() + "/v1");
    ProviderAdapter other = ProviderAdapter.of(new Endpoint(provider, below, endpoint.options()));
    Response response = calls.get(other.modelsPath(), headers(key));
    if (response.isSuccess() && isList(response)) {
      throw new LlmException(
          CallOutcome.NOT_FOUND,
          "The API is one step below this address: enter %s".formatted(below));
    }
  }

  private Probe withoutList(Response response, Proof proof) throws LlmException {
    if (isAboutTheList(response)) {
      return proof == Proof.GOOD && !key.isEmpty()
          ? good(Set.of(), null)
          : open(
              Set.of(),
              null,
              "%s knows the key, which may not list models: write their names under Models, or ask one question"
                  .formatted(provider.label()));
    }
    if (!response.isAbsent()) {
      throw response.failure();
    }
    if (proof == Proof.GOOD && !key.isEmpty()) {
      return good(Set.of(), protocols());
    }
    if (isTheProvidersOwn() || provider.family() == ProtocolFamily.OLLAMA) {
      throw response.failure();
    }
    return open(Set.of(), null, noList());
  }

  private String noList() {
    return "The endpoint has no list of models: check the address, write the models' names under"
        + " Models, and ask one question";
  }

  private String publicList() {
    return "%s answered, but shows its models to a wrong key as well: ask one question to find out whether the key works"
        .formatted(provider.label());
  }

  private boolean isTheProvidersOwn() {
    return provider
        .defaultEndpoint()
        .filter(own -> own.origin().equals(endpoint.url().origin()))
        .isPresent();
  }

  private Set<String> pages(Response first) throws LlmException {
    String idMember = provider.descriptor().models().id();
    Set<String> models = new TreeSet<>();
    Response response = first;
    for (int page = 1; ; page++) {
      if (response.isHtml()) {
        throw Answers.notLlmApi();
      }
      ModelListReader.Page read = ModelListReader.read(response.body(), idMember);
      int before = models.size();
      read.ids().stream()
          .filter(id -> models.size() < MAX_MODELS && !repeatsASecret(id))
          .forEach(models::add);
      boolean more = read.next() != null && models.size() > before && models.size() < MAX_MODELS;
      if (!more || page == MAX_PAGES) {
        return models;
      }
      String path = adapter.modelsPath();
      response = calls.get(path + (path.contains("?") ? "&" : "?") + read.next(), headers(key));
      if (!response.isSuccess()) {
        throw response.failure();
      }
    }
  }

  /** A hostile endpoint could name a model after the key that it was given (T08). */
  private boolean repeatsASecret(String id) {
    return (!key.isEmpty() && id.contains(key.reveal()))
        || NamedSecrets.split(own).values().stream().anyMatch(own -> id.contains(own.reveal()));
  }

  /** Tells whether a list that was shown proves that the key is good. */
  private Proof provenByTheList() throws LlmException {
    Access access = provider.descriptor().models().access();
    boolean elsewhere =
        provider.defaultEndpoint().isPresent() && !provider.isSelfHosted() && !isTheProvidersOwn();
    if (access == Access.KEY && !elsewhere) {
      return Proof.GOOD;
    }
    if (access == Access.PUBLIC) {
      return Proof.OPEN;
    }
    Response without = calls.get(adapter.modelsPath(), headers(Secret.of("")));
    return without.status() == 401 || without.status() == 403 ? Proof.GOOD : Proof.OPEN;
  }

  /**
   * Finds out which protocols a server of one's own speaks beside the one that its provider is
   * known for: an empty question is malformed where there is one, and nowhere costs anything.
   *
   * @return null for a provider whose documentation is to be trusted
   */
  private Set<ProviderOperation> protocols() throws LlmException {
    if (!provider.isSelfHosted() || provider.family() == ProtocolFamily.ANTHROPIC) {
      return null;
    }
    Set<ProviderOperation> found = EnumSet.copyOf(provider.protocols());
    for (ProviderOperation operation :
        List.of(ProviderOperation.RESPONSES, ProviderOperation.MESSAGES)) {
      Response response = calls.post(adapter.path(operation, null), headers(key), "{}");
      if (response.status() == 400 || response.status() == 422) {
        found.add(operation);
      } else if (response.isAbsent() || response.isSuccess()) {
        found.remove(operation);
      }
    }
    return found;
  }

  private Probe good(Set<String> models, Set<ProviderOperation> protocols) {
    return probe(CallOutcome.OK, found(models.size()), models, protocols);
  }

  private Probe open(Set<String> models, Set<ProviderOperation> protocols, String sentence) {
    return probe(CallOutcome.CANNOT_TELL, sentence, models, protocols);
  }

  private Probe probe(
      CallOutcome outcome, String sentence, Set<String> models, Set<ProviderOperation> protocols) {
    return new Probe(
        outcome, sentence, calls.latencyMs(), List.copyOf(models), protocols, foundPath);
  }

  private String found(int models) {
    String who = provider.label();
    if (!provider.descriptor().models().offered()) {
      return "%s answered: write the names of your deployments under Models".formatted(who);
    }
    if (models == 0) {
      return provider.family() == ProtocolFamily.OLLAMA
          ? "%s answered and has no model yet: pull one, for example with ollama pull llama3"
              .formatted(who)
          : who + " answered and offers no model to this key";
    }
    return models == 1
        ? who + " answered and offers 1 model"
        : who + " answered and offers " + models + " models";
  }
}
