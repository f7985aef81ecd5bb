package io.mimir.start.service;

import io.mimir.lifecycle.service.StartException;
import io.mimir.security.MasterKey;
import io.mimir.security.Secret;
import java.util.List;
import java.util.Optional;

/** The master keys of the settings. */
final class GivenKeys {

  private GivenKeys() {}

  /**
   * The key of MIMIR_ENCRYPTION_KEY.
   *
   * @throws StartException when it is none
   */
  static Optional<MasterKey> current(StartConfig config) {
    return config.encryptionKey().map(text -> parse(text, "MIMIR_ENCRYPTION_KEY"));
  }

  /**
   * The keys of MIMIR_ENCRYPTION_KEY_PREVIOUS.
   *
   * @throws StartException when one of them is none
   */
  static List<MasterKey> previous(StartConfig config) {
    return config.previousEncryptionKeys().stream()
        .map(text -> parse(text, "MIMIR_ENCRYPTION_KEY_PREVIOUS"))
        .toList();
  }

  static StartException none() {
    return StartException.configuration(
        "MIMIR_ENCRYPTION_KEY is not set. Make a key with: openssl rand -base64 32");
  }

  private static MasterKey parse(Secret text, String setting) {
    try (text) {
      return MasterKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw StartException.configuration(setting + " cannot be used: " + e.getMessage());
    }
  }
}
