package io.mimir.llm.service.protocol;

import io.mimir.llm.service.protocol.Thinking.Effort;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a model takes that is asked in a protocol of OpenAI's, as far as its name and its provider
 * tell: OpenAI's models refuse what they do not have, and so do some of the imitators.
 */
public final class OpenAiModel {

  private static final Pattern OWN = Pattern.compile("(ft:)?(gpt-(?!oss)|chatgpt-|codex-|o\\d).*");
  private static final Pattern REASONS =
      Pattern.compile("(ft:)?(o\\d|gpt-5(?!.*chat)|codex-|gpt-[6-9]).*");
  private static final Pattern NEW_EFFORTS =
      Pattern.compile("(ft:)?(gpt-5\\.([2-9]|1-codex-max)|gpt-[6-9]).*");

  /** OpenAI's models that cannot do without thinking. */
  private static final Pattern ALWAYS_THINKS =
      Pattern.compile("(ft:)?(o\\d|.*codex|.*-pro|gpt-6-astra|gpt-6\\.1-sol).*");

  /** OpenAI's models that can think very little, and not do without. */
  private static final Pattern THINKS_LITTLE = Pattern.compile("(ft:)?gpt-5(-.*)?");

  /** OpenAI's models that in chat completions call tools only when they do not think. */
  private static final Pattern TOOLS_OR_THOUGHTS =
      Pattern.compile("(ft:)?(gpt-5\\.([4-9]|\\d\\d)|gpt-[6-9]).*");

  /** Providers whose chat completions are those of OpenAI itself. */
  private static final Set<String> OPENAI = Set.of("openai", "azure");

  private static final Pattern VERBOSE = Pattern.compile("(ft:)?gpt-[5-9].*");

  /** Providers that refuse fields which not all of their models have. */
  private static final Set<String> STRICT =
      Set.of("mistral", "groq", "xai", "together", "cloudflare-workers-ai", "databricks");

  /** Providers that have what llama.cpp and vLLM have beside OpenAI's own settings. */
  private static final Set<String> SAMPLERS =
      Set.of("vllm", "lm-studio", "openrouter", "together", "open-webui");

  private final String name;
  private final UpstreamOptions options;
  private final boolean own;

  OpenAiModel(UpstreamOptions options) {
    this.options = options;
    name = nameOf(options.model());
    own = OWN.matcher(name).matches();
  }

  /** Routers put the company before the name. */
  private static String nameOf(String model) {
    String id = model.toLowerCase(Locale.ROOT);
    return id.substring(id.lastIndexOf('/') + 1);
  }

  /**
   * Whether a model is better asked in OpenAI's responses than in its chat completions, where it
   * calls tools only when it does not think, or not at all.
   *
   * @param provider the id of the provider, such as {@code azure}
   */
  public static boolean wantsResponses(String model, String provider) {
    String name = nameOf(model);
    return OPENAI.contains(provider)
        && REASONS.matcher(name).matches()
        && TOOLS_OR_THOUGHTS.matcher(name).matches();
  }

  /** Whether it is one of OpenAI's models, whoever serves it. */
  boolean isOwn() {
    return own;
  }

  /** Whether it is asked by OpenAI's newer name for the limit, which others do not know. */
  String limitField() {
    return own ? "max_completion_tokens" : "max_tokens";
  }

  /** The most tokens that it answers with; 0 where that is not known. */
  int maxOutputTokens() {
    if (!own) {
      return 0;
    }
    if (name.startsWith("gpt-4o") || name.startsWith("chatgpt-")) {
      return 16_384;
    }
    if (name.startsWith("gpt-4.1")) {
      return 32_768;
    }
    if (name.startsWith("gpt-4-turbo") || name.startsWith("gpt-3.5")) {
      return 4096;
    }
    return name.startsWith("gpt-4") ? 8192 : 0;
  }

  /** The fewest tokens that leave room for an answer: fewer are refused by models that reason. */
  int minOutputTokens() {
    return REASONS.matcher(name).matches() ? 16 : 1;
  }

  /** Whether it is known that it does not think, so that it need not be told not to. */
  boolean neverThinks() {
    return own && !REASONS.matcher(name).matches();
  }

  /**
   * Whether it has to be told not to think where it is offered tools, also when nobody asked for
   * thoughts: it would refuse the question.
   */
  boolean thinksOrCalls() {
    return !options.isPlain()
        && OPENAI.contains(options.provider())
        && TOOLS_OR_THOUGHTS.matcher(name).matches()
        && !ALWAYS_THINKS.matcher(name).matches();
  }

  private boolean takesEffort() {
    if (options.isPlain()) {
      return false;
    }
    if (own) {
      return REASONS.matcher(name).matches();
    }
    return switch (options.provider()) {
      case "groq", "together" -> name.startsWith("gpt-oss");
      case "xai" -> name.startsWith("grok-3-mini");
      default -> !STRICT.contains(options.provider());
    };
  }

  /**
   * The word for an effort, null where the model has none for it; the highest words are new, and
   * the older models refuse them.
   */
  Effort effort(Effort wanted) {
    if (!takesEffort()) {
      return null;
    }
    return switch (wanted) {
      case NONE -> leastEffort();
      case XHIGH, MAX -> NEW_EFFORTS.matcher(name).matches() ? Effort.XHIGH : Effort.HIGH;
      default -> wanted;
    };
  }

  /**
   * The word for not thinking, or for what comes next to it; null where the model cannot do
   * without. The models that strict providers let be told an effort are of that kind.
   */
  private Effort leastEffort() {
    if (!own) {
      return STRICT.contains(options.provider()) ? null : Effort.NONE;
    }
    if (ALWAYS_THINKS.matcher(name).matches()) {
      return null;
    }
    return THINKS_LITTLE.matcher(name).matches() ? Effort.MINIMAL : Effort.NONE;
  }

  boolean takesVerbosity() {
    boolean known = own ? VERBOSE.matcher(name).matches() : !STRICT.contains(options.provider());
    return known && !options.isPlain();
  }

  /** Whether it takes another temperature than its own. */
  boolean takesSampling() {
    return !REASONS.matcher(name).matches();
  }

  /** Whether it has {@code top_k}, {@code min_p} and {@code repetition_penalty}. */
  boolean takesSamplers() {
    return SAMPLERS.contains(options.provider()) && !options.isPlain();
  }

  /** Whether it takes identifiers of calls of nine letters and digits only. */
  boolean hasShortIds() {
    return options.provider().equals("mistral");
  }

  /** Whether it begins anew where a conversation ends with its own words. */
  boolean beginsAnew() {
    return own;
  }
}
