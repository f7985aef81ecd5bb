package io.mimir.credential.web;

import io.mimir.credential.ApiKey;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.service.ApiKeys;
import io.mimir.credential.service.Rotations;
import io.mimir.credential.service.Rotations.Trial;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
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
import org.primefaces.PrimeFaces;

/**
 * Backs the form in which the secret of a key is replaced, at once or after a trial, and what a row
 * can do with a running trial. As in the form of the key, the secret itself is never a property
 * (T04).
 */
@Named
@ViewScoped
public class KeyRotationBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final String SECRET = "new_key_value";

  @EJB transient ApiKeys keys;
  @EJB transient Rotations rotations;
  @Inject ApiKeysBacking list;
  @Inject Problems problems;

  private transient KeyRow chosen;
  private boolean tried;
  private String share;
  private String calls;

  public void ask(KeyRow key) {
    chosen = key;
    tried = false;
    share = Integer.toString(Rotations.DEFAULT_SHARE);
    calls = Integer.toString(Rotations.DEFAULT_CALLS);
  }

  /** Replaces the secret, or begins to try the new one. The page is told how it went. */
  public void replace() {
    if (chosen == null) {
      return;
    }
    ApiKey changed;
    try (Secret secret = Secret.of(Sent.text(SECRET))) {
      changed = problems.attempt(() -> tried ? tryFirst(secret) : replaceNow(secret));
    } finally {
      beside();
    }
    PrimeFaces.current().ajax().addCallbackParam("done", changed != null);
    if (changed != null) {
      problems.done(tried ? "keys.rotation.begun" : "keys.replaced", changed.getName());
      list.refresh();
    }
  }

  private ApiKey replaceNow(Secret secret) {
    if (secret.isEmpty()) {
      throw ProblemException.of(
          Problem.MISSING_FIELD, SECRET, "missing", Texts.of("keys.replace.missing"));
    }
    return keys.change(chosen.id(), KeyDraft.NONE.withSecret(secret), ETags.only(chosen.version()));
  }

  private ApiKey tryFirst(Secret secret) {
    return rotations.start(
        chosen.id(),
        new Trial(secret, whole(share, "share"), whole(calls, "calls")),
        ETags.only(chosen.version()));
  }

  /** The field has another name here than in the API: the form of the key has one of that name. */
  private void beside() {
    String refusal = problems.of("key_value");
    if (refusal != null) {
      problems.add(SECRET, refusal);
    }
  }

  private static int whole(String text, String field) {
    try {
      return Integer.parseInt(text == null ? "" : text.strip());
    } catch (NumberFormatException e) {
      throw ProblemException.of(
          Problem.REFUSED, field, "out_of_range", Texts.of("keys.number.whole"));
    }
  }

  /** The new secret takes the old one's place before it has had its calls. */
  public void finish(KeyRow key) {
    if (problems.attemptAloud(() -> rotations.finish(key.id(), ETags.only(key.version())))
        != null) {
      problems.done("keys.rotation.finished", key.name());
    }
    list.refresh();
  }

  /** The old secret stays. */
  public void rollBack(KeyRow key) {
    if (problems.attemptAloud(() -> rotations.cancel(key.id(), ETags.only(key.version())))
        != null) {
      problems.done("keys.rotation.back", key.name());
    }
    list.refresh();
  }

  public KeyRow getChosen() {
    return chosen;
  }

  public boolean isTried() {
    return tried;
  }

  public void setTried(boolean tried) {
    this.tried = tried;
  }

  public String getShare() {
    return share;
  }

  public void setShare(String share) {
    this.share = share;
  }

  public String getCalls() {
    return calls;
  }

  public void setCalls(String calls) {
    this.calls = calls;
  }
}
