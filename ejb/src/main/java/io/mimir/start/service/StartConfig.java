package io.mimir.start.service;

import io.mimir.lifecycle.service.StartException;
import io.mimir.security.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * What is read once, when the server starts. Looked up and not injected, because the server asks
 * for the database before there are beans.
 */
public class StartConfig {

  /**
   * All settings of contract.md: another MIMIR_ name in the environment is a mistake that nobody
   * would notice.
   */
  static final Set<String> KNOWN =
      Set.of(
          "MIMIR_PROFILE",
          "MIMIR_HOST",
          "MIMIR_PORT",
          "MIMIR_PUBLIC_URL",
          "MIMIR_DATA_DIR",
          "MIMIR_DB_PATH",
          "MIMIR_DB_URL",
          "MIMIR_DB_USER",
          "MIMIR_DB_PASSWORD",
          "MIMIR_DB_PASSWORD_FILE",
          "MIMIR_PLUGIN_DIR",
          "MIMIR_PLUGIN_SANDBOX",
          "MIMIR_PLUGIN_MAX_BYTES",
          "MIMIR_ENCRYPTION_KEY",
          "MIMIR_ENCRYPTION_KEY_FILE",
          "MIMIR_ENCRYPTION_KEY_PREVIOUS",
          "MIMIR_ENCRYPTION_KEY_PREVIOUS_FILE",
          "MIMIR_ADMIN_USER",
          "MIMIR_ADMIN_PASSWORD",
          "MIMIR_ENDPOINT_ALLOWLIST",
          "MIMIR_OPENAI_ENDPOINT",
          "MIMIR_ANTHROPIC_ENDPOINT",
          "MIMIR_HTTP_PROXY",
          "MIMIR_CA_FILE",
          "MIMIR_TRUSTED_PROXIES",
          "MIMIR_SECURE_COOKIES",
          "MIMIR_CORS_ORIGINS",
          "MIMIR_CHAT_RETENTION_DAYS",
          "MIMIR_RUN_RETENTION_DAYS",
          "MIMIR_DRAIN_SECONDS",
          "MIMIR_MEMORY",
          "MIMIR_LOG_LEVEL");

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,5}");
  private static final int MAX_DRAIN_SECONDS = 3600;

  private final Config config = ConfigProvider.getConfig(StartConfig.class.getClassLoader());

  private String textOr(String name, String otherwise) {
    return text(name).orElse(otherwise);
  }

  private Optional<String> text(String name) {
    return config
        .getOptionalValue(name, String.class)
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  public boolean isDev() {
    return "dev".equals(profile());
  }

  private String profile() {
    return textOr("mimir.profile", "prod");
  }

  /**
   * @throws StartException when the profile is none that exists
   */
  void checkProfile() {
    if (!List.of("dev", "prod").contains(profile())) {
      throw StartException.configuration("MIMIR_PROFILE must be dev or prod");
    }
  }

  /**
   * How long running calls may go on when the server is told to stop.
   *
   * @throws StartException when it is no number from 0 to 3600
   */
  Duration drain() {
    String seconds = textOr("mimir.drain.seconds", "25");
    if (!SECONDS.matcher(seconds).matches() || Integer.parseInt(seconds) > MAX_DRAIN_SECONDS) {
      throw StartException.configuration(
          "MIMIR_DRAIN_SECONDS must be a number of seconds from 0 to " + MAX_DRAIN_SECONDS);
    }
    return Duration.ofSeconds(Integer.parseInt(seconds));
  }

  public Path dataDir() {
    return Path.of(textOr("mimir.data.dir", "data")).toAbsolutePath().normalize();
  }

  /** The address that people open, without a slash at its end. */
  public String publicUrl() {
    return text("mimir.public.url")
        .map(url -> url.replaceAll("/+$", ""))
        .orElseGet(() -> "http://localhost:" + textOr("mimir.port", "8080"));
  }

  /** Where the launcher waits for the reason of a failed start. */
  Optional<Path> report() {
    return text("mimir.start.report").map(Path::of);
  }

  /**
   * The text of the master key from MIMIR_ENCRYPTION_KEY or the file that MIMIR_ENCRYPTION_KEY_FILE
   * names.
   *
   * @throws StartException when both are given or the file cannot be read
   */
  Optional<Secret> encryptionKey() {
    return textOrFile("mimir.encryption.key", "MIMIR_ENCRYPTION_KEY").map(Secret::of);
  }

  /** The text of a setting or of the file that a setting of the same name with _FILE names. */
  private Optional<String> textOrFile(String name, String setting) {
    Optional<String> direct = text(name);
    Optional<String> file = text(name + ".file");
    if (direct.isPresent() && file.isPresent()) {
      throw StartException.configuration(
          "Both %s and %s_FILE are set: keep one of them".formatted(setting, setting));
    }
    return file.isPresent() ? Optional.of(read(Path.of(file.get()), setting)) : direct;
  }

  private static String read(Path file, String setting) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw StartException.configuration(setting + "_FILE names a file that cannot be read");
    }
  }

  /**
   * The master keys of before, separated by commas or lines, from MIMIR_ENCRYPTION_KEY_PREVIOUS or
   * the file that MIMIR_ENCRYPTION_KEY_PREVIOUS_FILE names.
   *
   * @throws StartException when both are given or the file cannot be read
   */
  List<Secret> previousEncryptionKeys() {
    return textOrFile("mimir.encryption.key.previous", "MIMIR_ENCRYPTION_KEY_PREVIOUS")
        .map(keys -> List.of(keys.split("[,\\s]+")))
        .orElse(List.of())
        .stream()
        .filter(text -> !text.isBlank())
        .map(Secret::of)
        .toList();
  }

  Optional<String> adminUser() {
    return text("mimir.admin.user");
  }

  Optional<Secret> adminPassword() {
    return secret("mimir.admin.password");
  }

  private Optional<Secret> secret(String name) {
    return config
        .getOptionalValue(name, String.class)
        .filter(text -> !text.isBlank())
        .map(Secret::of);
  }

  /** MIMIR_ names in the environment that mean nothing. */
  List<String> unknownNames() {
    return System.getenv().keySet().stream()
        .filter(name -> name.startsWith("MIMIR_") && !KNOWN.contains(name))
        .sorted()
        .toList();
  }
}
