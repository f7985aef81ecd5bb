package io.mimir.credential.web;

import io.mimir.credential.service.Rotations.Trial;
import io.mimir.security.Secret;

/** A secret that is to be tried in a key's place, as clients send it. */
public record RotationForm(Secret keyValue, Integer share, Integer calls) {

  Trial toTrial() {
    return new Trial(keyValue == null ? Secret.of("") : keyValue, share, calls);
  }

  @Override
  public String toString() {
    return "RotationForm";
  }
}
