package io.mimir.credential;

import static java.util.Objects.requireNonNull;

import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.llm.Provider;
import io.mimir.security.SealContext;
import io.mimir.security.SealedSecret;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A secret that is tried on a share of the calls of a key, while there is one. */
@Embeddable
public class Rotation {

  private static final int MAX_SHARE_PERCENT = 50;
  private static final int MAX_CALLS = 10_000;

  /** The stored form of a sealed secret; null, with all that belongs to it, without a rotation. */
  @Column(name = "candidate_value")
  private String value;

  @Column(name = "candidate_hint")
  private String hint;

  @Column(name = "candidate_share")
  private Integer share;

  @Column(name = "candidate_calls")
  private Integer calls;

  @Column(name = "candidate_since")
  private Instant since;

  @Column(name = "candidate_by")
  private String by;

  boolean isRunning() {
    return value != null;
  }

  /**
   * Seals a secret that is to be tried.
   *
   * @throws ProblemException REFUSED with what is wrong with the share or the calls; MISSING_FIELD
   *     without a secret, or what is wrong with it
   */
  static Rotation begin(
      Secret given,
      Provider provider,
      SealContext context,
      int sharePercent,
      int wantedCalls,
      Vault vault,
      String who,
      Instant now) {
    check(sharePercent, wantedCalls);
    Secret secret = given.stripped();
    if (secret.isEmpty()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, "key_value", "missing", "Give the key that is to be tried");
    }
    KeyRules.check(provider, secret);
    Rotation begun = new Rotation();
    begun.value = vault.seal(secret, context).stored();
    begun.hint = secret.hint();
    begun.share = sharePercent;
    begun.calls = wantedCalls;
    begun.since = requireNonNull(now);
    begun.by = requireNonNull(who);
    return begun;
  }

  private static void check(int sharePercent, int calls) {
    List<FieldError> errors = new ArrayList<>();
    Ranges.check(sharePercent, MAX_SHARE_PERCENT, "share").ifPresent(errors::add);
    Ranges.check(calls, MAX_CALLS, "calls").ifPresent(errors::add);
    if (!errors.isEmpty()) {
      throw ProblemException.of(Problem.REFUSED, errors);
    }
  }

  Optional<Candidate> candidate(SealContext context) {
    return isRunning()
        ? Optional.of(
            new Candidate(SealedSecret.ofStored(value), context, hint, share, calls, since, by))
        : Optional.empty();
  }

  void end() {
    this.value = null;
    this.hint = null;
    this.share = null;
    this.calls = null;
    this.since = null;
    this.by = null;
  }
}
