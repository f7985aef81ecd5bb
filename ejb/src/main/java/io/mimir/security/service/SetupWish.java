package io.mimir.security.service;

import io.mimir.security.Secret;
import java.util.Optional;

/** What the settings say of the first start. */
public record SetupWish(String publicUrl, Optional<String> username, Optional<Secret> password) {}
