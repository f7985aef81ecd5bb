package io.mimir.llm.service;

import io.mimir.llm.Provider;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is generally known of models: which provider a name belongs to, and the names to choose from
 * before an endpoint was asked. The lists are for forms; any other id can be typed.
 */
public final class KnownModels {

  private static final Pattern OPENAI =
      Pattern.compile("(gpt-|chatgpt-|o\\d|davinci-|babbage-|text-embedding-|codex-).*");
  private static final Pattern ANTHROPIC = Pattern.compile("claude-.*");

  private static final Map<String, String> OPENAI_LABELS = new LinkedHashMap<>();
  private static final Map<String, String> ANTHROPIC_LABELS = new LinkedHashMap<>();
  private static final Map<String, String> OLLAMA_LABELS = new LinkedHashMap<>();

  static {
    OPENAI_LABELS.put("gpt-5", "GPT-5");
    OPENAI_LABELS.put("gpt-5-mini", "GPT-5 mini");
    OPENAI_LABELS.put("gpt-4.1", "GPT-4.1");
    OPENAI_LABELS.put("gpt-4.1-mini", "GPT-4.1 mini");
    OPENAI_LABELS.put("gpt-4o", "GPT-4o");
    OPENAI_LABELS.put("gpt-4o-mini", "GPT-4o mini");
    OPENAI_LABELS.put("gpt-4-turbo", "GPT-4 Turbo");
    OPENAI_LABELS.put("gpt-4", "GPT-4");
    OPENAI_LABELS.put("o3", "o3");
    OPENAI_LABELS.put("o4-mini", "o4-mini");
    ANTHROPIC_LABELS.put("claude-opus-4-1", "Claude Opus 4.1");
    ANTHROPIC_LABELS.put("claude-sonnet-4-5", "Claude Sonnet 4.5");
    ANTHROPIC_LABELS.put("claude-haiku-4-5", "Claude Haiku 4.5");
    ANTHROPIC_LABELS.put("claude-3-5-haiku-latest", "Claude Haiku 3.5");
    OLLAMA_LABELS.put("llama3", "Llama 3");
    OLLAMA_LABELS.put("mistral", "Mistral");
    OLLAMA_LABELS.put("codellama", "Code Llama");
    OLLAMA_LABELS.put("qwen3", "Qwen 3");
    OLLAMA_LABELS.put("gemma3", "Gemma 3");
  }

  private static final Map<Provider, Map<String, String>> LABELS =
      Map.of(
          Provider.OPENAI, OPENAI_LABELS,
          Provider.ANTHROPIC, ANTHROPIC_LABELS,
          Provider.OLLAMA, OLLAMA_LABELS);

  private KnownModels() {}

  /** Whose model it is by its name alone; empty when the name tells nothing. */
  public static Optional<Provider> providerOf(String model) {
    String name = model.toLowerCase(Locale.ROOT);
    if (OPENAI.matcher(name).matches()) {
      return Optional.of(Provider.OPENAI);
    }
    return ANTHROPIC.matcher(name).matches() ? Optional.of(Provider.ANTHROPIC) : Optional.empty();
  }

  /** Ids to choose from, the usual ones first. */
  public static Set<String> idsOf(Provider provider) {
    return labels(provider).keySet();
  }

  /** How people write a model's name; its id where nothing else is known. */
  public static String labelOf(Provider provider, String id) {
    return labels(provider).getOrDefault(id, id);
  }

  /**
   * The id that a label stands for: {@code GPT-4} is {@code gpt-4}; anything else stands for
   * itself.
   */
  public static String idOf(Provider provider, String text) {
    return labels(provider).entrySet().stream()
        .filter(entry -> entry.getValue().equalsIgnoreCase(text))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(text);
  }

  /** The id that a label stands for, whoever the provider is; empty when it is no label. */
  public static Optional<String> idOf(String label) {
    return Provider.all().stream()
        .map(provider -> idOf(provider, label))
        .filter(id -> !id.equals(label))
        .findFirst();
  }

  private static Map<String, String> labels(Provider provider) {
    return LABELS.getOrDefault(provider, Map.of());
  }
}
