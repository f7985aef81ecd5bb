package io.mimir.credential.web;

import static java.util.Objects.requireNonNullElse;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.KeyMetadata;
import io.mimir.credential.LastTest;
import io.mimir.credential.Routing;
import io.mimir.credential.service.ApiKeys;
import io.mimir.credential.service.KeyTests;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.llm.service.KnownModels;
import io.mimir.security.Secret;
import io.mimir.web.ETags;
import io.mimir.web.Problems;
import io.mimir.web.Sent;
import io.mimir.web.Texts;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.primefaces.PrimeFaces;

/**
 * Backs the form in which a key is added or changed. The key itself is never a property of this
 * bean or of a component: it is read from the request and handed on (T04).
 */
@Named
@ViewScoped
public class ApiKeyFormBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  /** The choice of the model menu that opens the field beside it. */
  public static final String OTHER = "other:";

  private static final String SECRET = "key_value";
  private static final String PRIORITY = "priority";
  private static final String WEIGHT = "weight";

  /** The members of the metadata that are whole numbers. */
  private static final List<String> NUMBERS =
      List.of(
          KeyMetadata.RATE_LIMIT,
          KeyMetadata.TOKENS_PER_MINUTE,
          KeyMetadata.MAX_CONCURRENT,
          KeyMetadata.MONTHLY_TOKENS,
          KeyMetadata.TIMEOUT_SECONDS);

  @EJB transient ApiKeys keys;
  @EJB transient KeyTests tests;
  @Inject ApiKeysBacking list;
  @Inject Problems problems;

  private String id;
  private long version;
  private Provider provider = Provider.OPENAI;
  private String name;
  private String storedName;
  private String hint;
  private String endpointUrl;
  private String model;
  private String otherModel;
  private final HashMap<String, String> numbers = new HashMap<>();
  private String availableModels;
  private String allowedModels;
  private int limitsSet;
  private final KeyExtrasInput extras = new KeyExtrasInput();
  private transient Set<String> reported = Set.of();
  private transient LastTest verdict;

  /** A line of the model menu. */
  public record Choice(String id, String label) {}

  /** Empties the form for a new key. */
  public void add() {
    fill(null, Provider.OPENAI, KeyMetadata.EMPTY);
    route(Routing.DEFAULT_PRIORITY, Routing.DEFAULT_WEIGHT);
    extras.fill(null);
    name = null;
    hint = "";
    endpointUrl = null;
  }

  /** Fills the form with what is stored; the key itself stays where it is. */
  public void edit(String keyId) {
    ApiKey key = problems.attemptAloud(() -> keys.get(keyId));
    PrimeFaces.current().ajax().addCallbackParam("found", key != null);
    if (key == null) {
      list.refresh();
      return;
    }
    fill(key.getId(), key.getProvider(), key.getMetadata());
    route(key.routing().priority(), key.routing().weight());
    extras.fill(key);
    version = key.getVersion();
    name = key.getName();
    storedName = name;
    hint = key.secret().hint();
    endpointUrl = key.getEndpointUrl();
    reported = new LinkedHashSet<>(key.getLastTest().map(LastTest::models).orElse(List.of()));
  }

  private void fill(String keyId, Provider keyProvider, KeyMetadata metadata) {
    id = keyId;
    provider = keyProvider;
    verdict = null;
    reported = Set.of();
    otherModel = null;
    model = metadata.defaultModel().orElse(null);
    limitsSet = 0;
    for (String member : NUMBERS) {
      Object stored = metadata.members().get(member);
      numbers.put(member, stored == null ? null : stored.toString());
      limitsSet += stored == null || member.equals(KeyMetadata.TIMEOUT_SECONDS) ? 0 : 1;
    }
    availableModels = String.join("\n", metadata.availableModels());
    allowedModels = String.join("\n", metadata.allowedModels());
    limitsSet += metadata.allowedModels().isEmpty() ? 0 : 1;
  }

  private void route(int priority, int weight) {
    numbers.put(PRIORITY, Integer.toString(priority));
    numbers.put(WEIGHT, Integer.toString(weight));
    limitsSet += priority == Routing.DEFAULT_PRIORITY ? 0 : 1;
    limitsSet += weight == Routing.DEFAULT_WEIGHT ? 0 : 1;
  }

  /** Another provider has other models. */
  public void providerChanged() {
    reported = Set.of();
    model = null;
    verdict = null;
  }

  /** Tests what the form holds, or the stored key when nothing was changed that matters. */
  public void test() {
    verdict = null;
    try (Secret secret = Secret.of(Sent.text(SECRET))) {
      verdict =
          problems.attempt(
              () ->
                  id != null && secret.isEmpty() && isAddressAsStored()
                      ? tests.test(id)
                      : tests.testUnsaved(
                          draft(requireNonNullElse(name, provider.label()), secret)));
    }
    if (verdict != null && verdict.success()) {
      reported = new LinkedHashSet<>(verdict.models());
    }
  }

  private boolean isAddressAsStored() {
    return requireNonNullElse(endpointUrl, "")
        .equals(requireNonNullElse(keys.get(id).getEndpointUrl(), ""));
  }

  /** Keeps what the form holds. The page is told in callback parameters how it went. */
  public void save() {
    boolean tested = verdict != null && verdict.success();
    ApiKey saved;
    try (Secret secret = Secret.of(Sent.text(SECRET))) {
      saved = problems.attempt(() -> id == null ? create(secret) : change(secret));
    }
    PrimeFaces.Ajax page = PrimeFaces.current().ajax();
    page.addCallbackParam("done", saved != null);
    if (saved == null) {
      return;
    }
    problems.done(id == null ? "keys.added" : "keys.saved", saved.getName());
    boolean curious = tested || (id == null && saved.getProvider().isSelfHosted());
    page.addCallbackParam("test", curious && saved.isActive() ? saved.getId() : "");
    list.clearFilter();
    list.refresh();
  }

  private ApiKey create(Secret secret) {
    return keys.add(draft(name, secret));
  }

  private KeyDraft draft(String keyName, Secret secret) {
    return new KeyDraft(
        provider,
        keyName,
        secret,
        requireNonNullElse(endpointUrl, ""),
        metadata(),
        null,
        place(PRIORITY, Routing.DEFAULT_PRIORITY),
        place(WEIGHT, Routing.DEFAULT_WEIGHT),
        extras.extras(provider));
  }

  private ApiKey change(Secret secret) {
    return keys.change(id, draft(requireNonNullElse(name, ""), secret), ETags.only(version));
  }

  /** The members that the form knows; null removes one from a stored key. */
  private Map<String, Object> metadata() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put(KeyMetadata.DEFAULT_MODEL, OTHER.equals(model) ? otherModelId() : model);
    for (String member : NUMBERS) {
      members.put(member, whole(member));
    }
    members.put(KeyMetadata.AVAILABLE_MODELS, words(availableModels));
    members.put(KeyMetadata.ALLOWED_MODELS, words(allowedModels));
    return members;
  }

  private static List<String> words(String text) {
    List<String> words =
        Arrays.stream(requireNonNullElse(text, "").split("[\\s,]+"))
            .filter(word -> !word.isEmpty())
            .distinct()
            .toList();
    return words.isEmpty() ? null : words;
  }

  private String otherModelId() {
    if (otherModel == null) {
      throw ProblemException.of(
          Problem.MISSING_FIELD,
          KeyMetadata.DEFAULT_MODEL,
          "missing",
          Texts.of("keys.model.missing"));
    }
    return otherModel;
  }

  /** The number in a field, or null when it is blank. */
  private Long whole(String field) {
    String text = numbers.get(field);
    if (text == null || text.isBlank()) {
      return null;
    }
    try {
      return Long.valueOf(text.strip());
    } catch (NumberFormatException e) {
      throw ProblemException.of(
          Problem.REFUSED, field, "out_of_range", Texts.of("keys.number.whole"));
    }
  }

  private Integer place(String field, int blank) {
    Long number = whole(field);
    if (number == null) {
      return blank;
    }
    // Whatever is no int is as far out of the range as this.
    return number < 0 || number > Integer.MAX_VALUE ? Integer.MAX_VALUE : number.intValue();
  }

  /** Models that are known of the provider, then those that this endpoint reported. */
  public List<Choice> getModels() {
    Set<String> ids = new LinkedHashSet<>(KnownModels.idsOf(provider));
    ids.addAll(reported == null ? Set.of() : reported);
    if (model != null && !model.equals(OTHER)) {
      ids.add(model);
    }
    return ids.stream().map(each -> new Choice(each, KnownModels.labelOf(provider, each))).toList();
  }

  /** What to say below the field for the key. */
  public String getValueHelp() {
    if (id != null) {
      return hint.isEmpty() ? Texts.of("keys.value.add") : Texts.of("keys.value.keep", hint);
    }
    return Texts.of(provider.needsKey() ? "keys.value.help" : "keys.value.blank");
  }

  /** Whether the address is in plain sight: it is there, or the provider has none of its own. */
  public boolean isEndpointShown() {
    return provider.isSelfHosted() || provider.needsEndpoint() || endpointUrl != null;
  }

  public String getEndpointExample() {
    return provider.descriptor().endpointExample();
  }

  public boolean isOtherChosen() {
    return OTHER.equals(model);
  }

  public String getOther() {
    return OTHER;
  }

  public boolean isNewKey() {
    return id == null;
  }

  public List<Provider> getProviders() {
    return Provider.all();
  }

  public LastTest getVerdict() {
    return verdict;
  }

  /** The name before it was changed, for the title. */
  public String getStoredName() {
    return storedName;
  }

  public Provider getProvider() {
    return provider;
  }

  public void setProvider(Provider provider) {
    this.provider = provider;
  }

  public String getName() {
    return name;
  }

  public void setName(String name) {
    this.name = name;
  }

  public String getEndpointUrl() {
    return endpointUrl;
  }

  public void setEndpointUrl(String endpointUrl) {
    this.endpointUrl = endpointUrl;
  }

  public String getModel() {
    return model;
  }

  public void setModel(String model) {
    this.model = model;
  }

  public String getOtherModel() {
    return otherModel;
  }

  public void setOtherModel(String otherModel) {
    this.otherModel = otherModel;
  }

  /** The numbers as they are written in the form, by the names of their fields. */
  public Map<String, String> getNumbers() {
    return numbers;
  }

  /** What few keys need. */
  public KeyExtrasInput getExtras() {
    return extras;
  }

  /** How many limits, and numbers for the choice of keys, are other than by default. */
  public int getLimitsSet() {
    return limitsSet;
  }

  public String getAllowedModels() {
    return allowedModels;
  }

  public void setAllowedModels(String allowedModels) {
    this.allowedModels = allowedModels;
  }

  public String getAvailableModels() {
    return availableModels;
  }

  public void setAvailableModels(String availableModels) {
    this.availableModels = availableModels;
  }
}
