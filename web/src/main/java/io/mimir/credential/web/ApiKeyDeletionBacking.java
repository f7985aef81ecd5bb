package io.mimir.credential.web;

import io.mimir.credential.service.ApiKeys;
import io.mimir.web.ETags;
import io.mimir.web.Problems;
import io.mimir.web.Texts;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import org.primefaces.PrimeFaces;

/** Backs the question before a key is deleted, and the way back. */
@Named
@ViewScoped
public class ApiKeyDeletionBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient ApiKeys keys;
  @Inject ApiKeysBacking list;
  @Inject Problems problems;

  private transient KeyRow chosen;
  private String typedName;

  public void ask(KeyRow key) {
    chosen = key;
    typedName = null;
  }

  /** Deletes the chosen key; the name has to be typed where somebody is likely to miss it. */
  public void delete() {
    if (chosen == null) {
      return;
    }
    if (chosen.isInUse() && !chosen.name().equals(typedName == null ? "" : typedName.strip())) {
      problems.add("typed", Texts.of("keys.delete.differs"));
      return;
    }
    Boolean deleted =
        problems.attempt(
            () -> {
              keys.delete(chosen.id(), ETags.only(chosen.version()));
              return true;
            });
    PrimeFaces.current().ajax().addCallbackParam("done", deleted != null);
    if (deleted != null) {
      problems.done("keys.deleted", chosen.name());
    }
    list.refresh();
  }

  public void restore(KeyRow key) {
    if (problems.attemptAloud(() -> keys.restore(key.id())) != null) {
      problems.done("keys.restored", key.name());
    }
    list.refresh();
  }

  /** What will no longer work, in a sentence. */
  public String getConsequence() {
    if (chosen == null || !chosen.active()) {
      return Texts.of("keys.delete.unused");
    }
    long others =
        list.getAll().stream()
            .filter(key -> key.active() && key.provider() == chosen.provider())
            .filter(key -> !key.id().equals(chosen.id()))
            .count();
    return Texts.of(
        others == 0 ? "keys.delete.last" : "keys.delete.others", chosen.provider().label(), others);
  }

  public KeyRow getChosen() {
    return chosen;
  }

  public String getTypedName() {
    return typedName;
  }

  public void setTypedName(String typedName) {
    this.typedName = typedName;
  }
}
