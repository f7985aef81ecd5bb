package io.mimir.gateway.service;

import io.mimir.credential.ModelRef;
import io.mimir.credential.service.KeyRing;
import io.mimir.credential.service.ModelCatalog;
import io.mimir.credential.service.TokenLimits;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.Relays;
import io.mimir.security.service.Identity;
import io.mimir.usage.service.UsageMeter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

/**
 * Lends keys to clients of OpenAI, Anthropic and Ollama that know nothing of us. Nothing here asks
 * a database, and neither questions nor answers are kept.
 */
@ApplicationScoped
public class Gateway {

  /** Characters of a model's name that are repeated to the client. */
  private static final int LONGEST_MODEL = 100;

  @Inject KeyRing ring;
  @Inject ModelCatalog catalog;
  @Inject Relays relays;
  @Inject TokenLimits limits;
  @Inject UsageMeter meter;

  /**
   * Begins a call. Returns at once; the client is told how it goes.
   *
   * @throws ProblemException when it cannot begin: RATE_LIMITED for the token's own limit,
   *     MODEL_NOT_FOUND, FORBIDDEN, REFUSED naming a field, NO_USABLE_KEY
   */
  public void begin(Asked asked, Client client) {
    ModelRef model = modelOf(asked);
    limits.take(asked.caller());
    new GatewayCall(this, asked, model, client).start();
  }

  private ModelRef modelOf(Asked asked) {
    if (asked.model() == null) {
      if (asked.operation() != Operation.OTHER) {
        throw ProblemException.of(
            Problem.MISSING_FIELD, "model", "missing", "Name the model: GET /v1/models lists them");
      }
      return new ModelRef(Provider.OPENAI, "-");
    }
    ModelRef model;
    try {
      model = catalog.resolve(new ModelRef(null, asked.model()));
    } catch (ProblemException e) {
      throw e.problem() == Problem.MODEL_NOT_FOUND
          ? unknown(asked.model(), "No key offers the model %s: GET /v1/models lists those")
          : e;
    }
    if (!catalog.isServed(
        model, provider -> limits.allows(asked.caller(), provider, model.name()))) {
      throw unknown(
          asked.model(), "This token may not use the model %s: GET /v1/models lists those");
    }
    return model;
  }

  private static ProblemException unknown(String model, String sentence) {
    String shown = model.length() > LONGEST_MODEL ? model.substring(0, LONGEST_MODEL) + "…" : model;
    return new ProblemException(
        Problem.MODEL_NOT_FOUND, sentence.formatted(shown.replaceAll("[\\p{Cc}\\p{Cf}]", " ")));
  }

  /** The models that a caller may use. */
  public List<ModelCatalog.Model> models(Identity caller) {
    return catalog.models().stream()
        .filter(model -> limits.allows(caller, model.provider(), model.id()))
        .toList();
  }
}
