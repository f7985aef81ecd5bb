package io.mimir.llm.service;

import io.mimir.llm.CallOutcome;
import io.mimir.llm.FailureOwner;
import io.mimir.llm.LlmException;
import io.mimir.llm.Provider;
import io.mimir.net.service.BlockedException;
import io.mimir.net.service.ConnectFailedException;
import io.mimir.net.service.ConnectionLostException;
import io.mimir.net.service.ProxyRefusedException;
import io.mimir.net.service.SilenceException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.message.BasicHttpResponse;

/**
 * What can go wrong with a call, in our own words: nothing of the other side's text is passed on
 * (T08).
 */
public final class Failures {

  private static final String OUR_FAULT =
      "the conversation may be too long, or the model may not take it";

  private static final String NUMBER = "\\d{1,9}(\\.\\d{1,9})?";

  private static final String LOST =
      "The provider closed the connection before its answer was complete";

  private Failures() {}

  /** A call that found no answer. The cause is read and never chained: some hold whole headers. */
  public static LlmException ofTransport(Exception cause) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof LlmException known) {
        return known;
      }
      CallOutcome reason = reasonOf(e);
      if (reason != null) {
        return e instanceof SilenceException silence && !silence.isRequestSent()
            ? new LlmException(reason, FailureOwner.ENDPOINT, 0, message(e, reason), null)
            : new LlmException(reason, message(e, reason));
      }
    }
    return cause instanceof ConnectFailedException
        ? new LlmException(CallOutcome.UNREACHABLE, sentence(CallOutcome.UNREACHABLE, null))
        : new LlmException(CallOutcome.UPSTREAM_ERROR, LOST);
  }

  private static String message(Throwable e, CallOutcome reason) {
    if (e instanceof BlockedException) {
      return e.getMessage();
    }
    if (e instanceof ConnectFailedException) {
      // At the proxy, or its cause would have been asked.
      return "The proxy of MIMIR_HTTP_PROXY cannot be reached: an operator can check its address,"
          + " and that it is running";
    }
    if (e instanceof ProxyRefusedException refused) {
      return refused.wantsCredentials()
          ? "The proxy of MIMIR_HTTP_PROXY refused the connection: it wants a user and a password,"
              + " or others than those in the setting"
          : "The proxy of MIMIR_HTTP_PROXY refused the connection: it answered with status "
              + refused.status()
              + ", so an operator has to allow the address there";
    }
    if (e instanceof ConnectionLostException) {
      return LOST;
    }
    return sentence(reason, null);
  }

  private static CallOutcome reasonOf(Throwable e) {
    if (e instanceof ProxyRefusedException) {
      return CallOutcome.PROXY_REFUSED;
    }
    if (e instanceof ConnectFailedException failed) {
      // Its cause says more, but for the proxy: what is wrong there is not the endpoint's.
      return failed.isAtProxy() ? CallOutcome.UNREACHABLE : null;
    }
    if (e instanceof ConnectionLostException) {
      return CallOutcome.UPSTREAM_ERROR;
    }
    if (e instanceof BlockedException) {
      return CallOutcome.BLOCKED;
    }
    if (e instanceof UnknownHostException
        || e instanceof ConnectException
        || e instanceof NoRouteToHostException) {
      return CallOutcome.UNREACHABLE;
    }
    if (e instanceof InterruptedIOException) {
      return CallOutcome.TIMEOUT;
    }
    if (e instanceof SSLException) {
      return CallOutcome.TLS_ERROR;
    }
    return e instanceof HttpException || e instanceof MessageConstraintException
        ? CallOutcome.NOT_LLM_API
        : null;
  }

  /**
   * An answer that is a refusal.
   *
   * @param body what came with it; only looked at for the words that tell whose failure it is
   */
  public static LlmException ofStatus(HttpResponse response, String body) {
    int status = response.getCode();
    RefusalWords words = new RefusalWords(body);
    CallOutcome reason = reasonOf(status, words);
    FailureOwner owner = ownerOf(status, reason, words);
    boolean refused = reason == CallOutcome.UPSTREAM_ERROR && owner == FailureOwner.QUESTION;
    return new LlmException(
        reason,
        owner,
        status,
        refused ? "The provider refused the question: " + OUR_FAULT : sentence(reason, null),
        retryAfter(response));
  }

  private static CallOutcome reasonOf(int status, RefusalWords words) {
    return switch (status) {
      case 400 -> {
        if (words.speakOfCredit()) {
          yield CallOutcome.QUOTA_EXCEEDED;
        }
        if (words.speakOfKey()) {
          yield CallOutcome.AUTH_FAILED;
        }
        yield words.sayThatModelIsUnknown() ? CallOutcome.NOT_FOUND : CallOutcome.UPSTREAM_ERROR;
      }
      case 401 -> CallOutcome.AUTH_FAILED;
      case 402 -> CallOutcome.QUOTA_EXCEEDED;
      case 403 -> words.speakOfContent() ? CallOutcome.UPSTREAM_ERROR : CallOutcome.FORBIDDEN;
      case 404 -> CallOutcome.NOT_FOUND;
      case 429 -> words.speakOfQuota() ? CallOutcome.QUOTA_EXCEEDED : CallOutcome.RATE_LIMITED;
      default ->
          status >= 300 && status < 400
              ? CallOutcome.UPSTREAM_REDIRECT
              : CallOutcome.UPSTREAM_ERROR;
    };
  }

  private static FailureOwner ownerOf(int status, CallOutcome reason, RefusalWords words) {
    return switch (reason) {
      case AUTH_FAILED, QUOTA_EXCEEDED -> FailureOwner.KEY;
      case FORBIDDEN -> words.speakOfModel() ? FailureOwner.MODEL : FailureOwner.KEY;
      case NOT_FOUND, RATE_LIMITED -> FailureOwner.MODEL;
      default -> {
        if (status >= 500 && words.sayThatModelIsLoading()) {
          yield FailureOwner.MODEL;
        }
        boolean ofQuestion = status >= 400 && status < 500 && status != 408;
        yield ofQuestion ? FailureOwner.QUESTION : FailureOwner.ENDPOINT;
      }
    };
  }

  /** Tells whether a refusal is about the model, and not about the address or the rest. */
  public static boolean isAboutModel(String body) {
    return new RefusalWords(body).sayThatModelIsUnknown();
  }

  /**
   * Tells of an error that came with a status of success.
   *
   * @param status the HTTP status that it names; 0 where it names none
   */
  public static LlmException inAnswer(int status) {
    if (status == 0) {
      return new LlmException(
          CallOutcome.UPSTREAM_ERROR, "The provider broke off its answer with an error");
    }
    return ofStatus(new BasicHttpResponse(status), "");
  }

  private static Duration retryAfter(HttpResponse response) {
    try {
      Header millis = response.getHeader("retry-after-ms");
      if (millis != null && millis.getValue().strip().matches(NUMBER)) {
        return Duration.ofMillis((long) Double.parseDouble(millis.getValue().strip()));
      }
      Header header = response.getHeader("Retry-After");
      if (header == null) {
        return null;
      }
      String value = header.getValue().strip();
      if (value.matches(NUMBER)) {
        return Duration.ofMillis((long) (Double.parseDouble(value) * 1000));
      }
      Instant at = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(Instant.now(), at);
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (ProtocolException | DateTimeParseException e) {
      return null;
    }
  }

  /**
   * What to do next.
   *
   * @param provider for its name; null where it is not known
   */
  static String sentence(CallOutcome reason, Provider provider) {
    String who = provider == null ? "The provider" : provider.label();
    return switch (reason) {
      case OK -> who + " answered";
      case AUTH_FAILED -> who + " refused the key: replace it with one that is valid";
      case FORBIDDEN -> who + " knows the key and does not allow this: check its permissions";
      case NOT_FOUND -> "There is no such model or address: check the model and the endpoint URL";
      case RATE_LIMITED -> who + " has had too many requests: try again later";
      case QUOTA_EXCEEDED ->
          "The account behind the key has no credit left: add some at the provider";
      case UNREACHABLE ->
          "The endpoint cannot be reached: check the address, and that it is running";
      case TIMEOUT -> "The endpoint did not answer in time: try again, or give it more time";
      case TLS_ERROR ->
          "No trusted connection: check https and the address, or add the endpoint's authority"
              + " with MIMIR_CA_FILE";
      case NOT_LLM_API ->
          "The endpoint answers, but not as this provider does: check the endpoint URL and the provider";
      case BLOCKED ->
          "Calls may not go to this address: an operator can open it with MIMIR_ENDPOINT_ALLOWLIST";
      case UPSTREAM_REDIRECT ->
          "The endpoint points to another address: enter that one as the endpoint URL";
      case PROXY_REFUSED ->
          "The proxy of MIMIR_HTTP_PROXY refused the connection: an operator can check the setting,"
              + " and what the proxy allows";
      case UPSTREAM_ERROR -> who + " failed: try again later";
      case CANNOT_TELL -> "Nothing here tells whether the key works: ask one question";
    };
  }
}
