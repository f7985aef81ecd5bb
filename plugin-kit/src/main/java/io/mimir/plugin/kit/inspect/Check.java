package io.mimir.plugin.kit.inspect;

import io.mimir.plugin.kit.RefusalReason;
import java.util.Objects;

/**
 * One thing that was looked at, in the shape that contract.md gives it.
 *
 * @param check its name in lower case, such as {@code exports}
 * @param reason null when it passed
 * @param message what was found, for people
 */
public record Check(String check, boolean passed, RefusalReason reason, String message) {

  public Check {
    Objects.requireNonNull(check);
    Objects.requireNonNull(message);
    if (passed != (reason == null)) {
      throw new IllegalArgumentException("A failed check has a reason, and a passed one has none");
    }
  }

  public static Check passed(String check, String message) {
    return new Check(check, true, null, message);
  }

  public static Check failed(String check, RefusalReason reason, String message) {
    return new Check(check, false, Objects.requireNonNull(reason), message);
  }
}
