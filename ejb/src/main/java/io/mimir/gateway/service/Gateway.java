package io.mimir.gateway.service;

import io.mimir.credential.ModelRef;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.credential.service.TokenLimits;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.ProtocolFamily;
import io.mimir.llm.Provider;
import io.mimir.llm.service.protocol.OllamaLoadRequest;
import io.mimir.security.Role;
import io.mimir.security.service.Identity;
import io.mimir.upstream.service.CallSpec;
import io.mimir.upstream.service.ModelSource;
import io.mimir.upstream.service.ResponseTarget;
import io.mimir.usage.CallSource;
import io.mimir.usage.TokenEstimate;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lends keys to clients of OpenAI, Anthropic and Ollama that know nothing of us. */
@ApplicationScoped
public class Gateway {

  /** Characters of a model's name that are repeated to the client. */
  private static final int MAX_MODEL_CHARS = 100;

  @Inject StatefulCalls stateful;
  @Inject ModelCatalog catalog;
  @Inject TokenLimits limits;
  @Inject SourcedModels sourced;

  /**
   * Begins a call. Returns at once; the target is told how it goes.
   *
   * @throws ProblemException when it cannot begin: RATE_LIMITED for the token's own limit,
   *     MODEL_NOT_FOUND, FORBIDDEN, REFUSED naming a field, NO_USABLE_KEY
   */
  public void begin(GatewayRequest request, ResponseTarget target) {
    // Names of such models have a slash: others are not asked about.
    Optional<ModelSource> source =
        request.model() == null || request.model().indexOf('/') < 0
            ? Optional.empty()
            : sourced.of(request.model());
    if (source.isPresent()) {
      limits.take(request.caller());
      sourced.begin(source.get(), request, target);
      return;
    }
    ModelRef model = modelOf(request);
    Identity caller = request.caller();
    limits.take(caller);
    if (request.operation() == Operation.COUNT_TOKENS && !countsTokens(model)) {
      estimate(request, target);
      return;
    }
    byte[] loaded = loaded(request, model);
    if (loaded != null) {
      target.answer(200, "application/json", Map.of(), loaded);
      return;
    }
    CallSpec spec =
        new CallSpec(
            model,
            CallSource.of(caller.accountId(), caller.tokenId()).withUserAgent(request.userAgent()),
            request.body(),
            Conversations.hashOf(request),
            provider -> allows(request, provider, model),
            null,
            request.isRepeatable(),
            request.wantsStream(),
            !request.operation().isOther(),
            null,
            caller.roles().contains(Role.ADMIN));
    if (stateful.concerns(request)) {
      stateful.begin(request, spec, target);
    } else {
      stateful.beginNew(request, spec, target);
    }
  }

  /**
   * Whether a caller may use a provider. Without a model, one that the caller may ask anything of.
   */
  private boolean allows(GatewayRequest request, Provider provider, ModelRef model) {
    Identity caller = request.caller();
    if (request.address() == null || !ModelCatalog.isOfAccount(model)) {
      return limits.allows(caller, provider, model.name());
    }
    return caller.models().isEmpty()
        || models(caller).stream().anyMatch(one -> one.provider().equals(provider));
  }

  /** Only Ollama loads models when it is told to; null where a provider has to be asked. */
  private byte[] loaded(GatewayRequest request, ModelRef model) {
    byte[] answer = OllamaLoadRequest.answer(request.operation().protocol(), request.body());
    boolean loads =
        answer != null
            && catalog.isServed(model, provider -> provider.family() == ProtocolFamily.OLLAMA);
    return loads ? null : answer;
  }

  private boolean countsTokens(ModelRef model) {
    return catalog.isServed(model, provider -> provider.family() == ProtocolFamily.ANTHROPIC);
  }

  /** Providers other than Anthropic do not count in advance; agents only want to know about. */
  private static void estimate(GatewayRequest request, ResponseTarget target) {
    byte[] body =
        "{\"input_tokens\":%d}"
            .formatted(TokenEstimate.ofRequest(request.body()))
            .getBytes(StandardCharsets.UTF_8);
    target.answer(200, "application/json", Map.of(), body);
  }

  private ModelRef modelOf(GatewayRequest request) {
    if (request.model() == null) {
      if (!request.operation().isOther()) {
        throw ProblemException.of(
            Problem.MISSING_FIELD, "model", "missing", "Name the model: GET /v1/models lists them");
      }
      return ModelCatalog.ofAccount(
          request.operation() == Operation.OTHER ? Provider.OPENAI : Provider.ANTHROPIC);
    }
    ModelRef model;
    try {
      model = catalog.resolve(new ModelRef(null, request.model()));
    } catch (ProblemException e) {
      throw e.problem() == Problem.MODEL_NOT_FOUND || !mayAsk(request)
          ? unknown(request.model(), "No key offers the model %s: GET /v1/models lists those")
          : e;
    }
    String name = model.name();
    if (!catalog.isServed(model, p -> limits.allows(request.caller(), p, name))) {
      throw unknown(
          request.model(), "This token may not use the model %s: GET /v1/models lists those");
    }
    return model;
  }

  /** Whether the token's list of models leaves room for a model, whoever has it. */
  private boolean mayAsk(GatewayRequest request) {
    return Provider.all().stream()
        .anyMatch(provider -> limits.allows(request.caller(), provider, request.model()));
  }

  private static ProblemException unknown(String model, String sentence) {
    String shown =
        model.length() > MAX_MODEL_CHARS ? model.substring(0, MAX_MODEL_CHARS) + "…" : model;
    return new ProblemException(
        Problem.MODEL_NOT_FOUND, sentence.formatted(shown.replaceAll("[\\p{Cc}\\p{Cf}]", " ")));
  }

  /** Lists what a caller may ask: models of providers, then those that need no key. */
  public List<ListedModel> listed(Identity caller) {
    List<ListedModel> listed = new ArrayList<>();
    for (ModelCatalog.Model model : models(caller)) {
      listed.add(new ListedModel(model.id(), model.label(), model.provider().wire()));
    }
    listed.addAll(sourced.models(caller));
    return listed;
  }

  /** The models of providers that a caller may use. */
  public List<ModelCatalog.Model> models(Identity caller) {
    return catalog.models().stream()
        .filter(model -> limits.allows(caller, model.provider(), model.id()))
        .toList();
  }
}
