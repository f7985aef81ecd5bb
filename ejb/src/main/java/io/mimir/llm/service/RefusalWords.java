package io.mimir.llm.service;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What the body of a refusal says of whose failure it is. Providers share status codes and few
 * error codes, so this looks for the words that they have been seen to use: OpenAI ({@code
 * model_not_found}, {@code insufficient_quota}), Anthropic ("credit balance is too low"), Gemini
 * ("API key not valid", {@code RESOURCE_EXHAUSTED}), Mistral ("Invalid model"), OpenRouter ("not a
 * valid model ID", "flagged"), Azure ({@code DeploymentNotFound}, {@code content_filter}), Ollama
 * ("model … not found"), llama.cpp ("Loading model"). Nothing of the body is kept or passed on.
 */
final class RefusalWords {

  private static final Pattern UNKNOWN_MODEL =
      Pattern.compile(
          "model_?not_?found|no such model|unknown.{0,2}model|invalid.{0,2}model\\b|invalid_model|not a valid model"
              + "|deploymentnotfound|model[^\\n]{0,80}?(not found|does not exist|doesn't exist|is not available"
              + "|not available|has been deprecated|was removed)");
  private static final Pattern MODEL = Pattern.compile("\\bmodels?\\b|model_|deployment");
  private static final Pattern SCOPE = Pattern.compile("scope|permission[^.\\n]{0,40}api\\.");
  private static final Pattern LOADING =
      Pattern.compile("loading model|model[^.\\n]{0,80}(is loading|currently loading|not loaded)");
  private static final Pattern CREDIT =
      Pattern.compile("credit balance is too low|insufficient_quota|insufficient balance");
  private static final Pattern QUOTA =
      Pattern.compile(
          "insufficient_quota|exceeded your current quota|billing_hard_limit|credit balance"
              + "|insufficient balance|out of credits");
  private static final Pattern KEY =
      Pattern.compile("api key not valid|api_key_invalid|invalid api key|incorrect api key");
  private static final Pattern CONTENT =
      Pattern.compile("flagged|moderation|content_filter|content policy|content_policy");

  private final String words;

  RefusalWords(String body) {
    this.words = body.toLowerCase(Locale.ROOT);
  }

  boolean sayThatModelIsUnknown() {
    return UNKNOWN_MODEL.matcher(words).find();
  }

  /** Whether a missing permission is one for a model; a scope of the key concerns all of them. */
  boolean speakOfModel() {
    return MODEL.matcher(words).find() && !SCOPE.matcher(words).find();
  }

  boolean sayThatModelIsLoading() {
    return LOADING.matcher(words).find();
  }

  boolean speakOfCredit() {
    return CREDIT.matcher(words).find();
  }

  /** Gemini tells its limits per minute and model in the words of a quota. */
  boolean speakOfQuota() {
    return QUOTA.matcher(words).find() && !words.contains("resource_exhausted");
  }

  boolean speakOfKey() {
    return KEY.matcher(words).find();
  }

  boolean speakOfContent() {
    return CONTENT.matcher(words).find();
  }
}
