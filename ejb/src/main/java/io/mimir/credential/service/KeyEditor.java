package io.mimir.credential.service;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.KeyDraft.Extras;
import io.mimir.credential.KeyRules;
import io.mimir.credential.RequestOptions;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.ProviderCatalog;
import io.mimir.net.EndpointUrl;
import io.mimir.net.EnteredAddress;
import io.mimir.net.service.EgressClient;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes keys of what was entered, and changes them: without a database, so that tests can too. */
@ApplicationScoped
public class KeyEditor {

  @Inject Vault vault;
  @Inject ProviderCatalog catalog;
  @Inject EgressClient egress;

  /**
   * Makes a key that is not stored, without its secret.
   *
   * @param by who makes it
   * @throws ProblemException ENDPOINT_BLOCKED, or what is wrong with a member
   */
  ApiKey build(KeyDraft draft, String by) {
    EnteredAddress address = vetted(draft.provider(), draft.endpointUrl());
    EndpointUrl endpoint = address == null ? shown(draft.provider()) : address.base();
    ApiKey key = new ApiKey(draft, endpoint, by, Instant.now());
    KeyRules.check(draft.provider(), draft.secret().stripped());
    complete(key, draft.extras(), address);
    return key;
  }

  /**
   * Changes a key, but for its name.
   *
   * @throws ProblemException KEY_REQUIRED_FOR_NEW_ORIGIN, ENDPOINT_BLOCKED, or what is wrong with a
   *     member
   */
  void edit(ApiKey key, KeyDraft change) {
    EnteredAddress address = null;
    if (change.endpointUrl() != null) {
      address = vetted(key.getProvider(), change.endpointUrl());
      move(key, address, change);
    } else if (change.bringsASecret()) {
      key.replaceSecret(change.secret(), vault);
    }
    key.apply(change);
    complete(key, change.extras(), address);
  }

  /** A query in the address is one of the key, beside what is there. */
  private void complete(ApiKey key, Extras extras, EnteredAddress address) {
    RequestOptions.Change request = extras.request();
    if (address != null && !address.query().isEmpty()) {
      Map<String, String> query = new LinkedHashMap<>(key.getRequest().query());
      query.putAll(address.query());
      if (request.query() != null) {
        query.putAll(request.query());
      }
      request = new RequestOptions.Change(request.headers(), query, request.auth());
    }
    try {
      key.changeRequest(request, vault);
    } catch (VaultException e) {
      throw unreadable("headers", "The stored headers do not open any more: enter them again");
    }
    if (extras.setsExpiry()) {
      key.expireAt(extras.expiresAt());
    }
  }

  /** A server of one's own has its address written down, even where it is the usual one. */
  private EndpointUrl shown(Provider provider) {
    return provider.isSelfHosted() ? catalog.standard(provider).orElse(null) : null;
  }

  private EnteredAddress vetted(Provider provider, String url) {
    if (url == null || url.isBlank()) {
      return null;
    }
    EnteredAddress address = EnteredAddress.parse(url);
    egress.vet(provider.zone(), address.base());
    return address;
  }

  /**
   * The address and the secrets change together or one by one, but no secret follows an address to
   * another origin (T10).
   */
  private void move(ApiKey key, EnteredAddress address, KeyDraft change) {
    EndpointUrl endpoint = address == null ? shown(key.getProvider()) : address.base();
    EndpointUrl standard = catalog.standard(key.getProvider()).orElse(null);
    if (!originOf(endpoint, standard).equals(originOf(key.endpoint(), standard))) {
      if (key.secret().isGiven() && !change.bringsASecret()) {
        throw requiredForNewOrigin(
            "endpoint_url",
            "The stored key was given for another server: enter the key for this one as well");
      }
      if (key.getRequest().keepsAHeader(change.extras().request())) {
        throw requiredForNewOrigin(
            "headers",
            "The stored headers were given for another server: enter their values for this one as"
                + " well");
      }
      key.getRequest().dropHeaders();
    }
    try {
      if (change.bringsASecret()) {
        key.moveTo(endpoint, change.secret(), vault);
      } else {
        key.moveTo(endpoint, vault);
      }
    } catch (VaultException e) {
      throw unreadable("key_value", "The stored key does not open any more: enter it again");
    }
  }

  private static String originOf(EndpointUrl endpoint, EndpointUrl standard) {
    EndpointUrl effective = endpoint == null ? standard : endpoint;
    return effective == null ? "" : effective.origin();
  }

  private static ProblemException requiredForNewOrigin(String field, String sentence) {
    return ProblemException.of(
        Problem.KEY_REQUIRED_FOR_NEW_ORIGIN,
        field,
        Problem.KEY_REQUIRED_FOR_NEW_ORIGIN.code(),
        sentence);
  }

  private static ProblemException unreadable(String field, String sentence) {
    return ProblemException.of(Problem.REFUSED, field, "unreadable", sentence);
  }
}
