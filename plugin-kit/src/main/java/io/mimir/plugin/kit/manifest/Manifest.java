package io.mimir.plugin.kit.manifest;

import io.mimir.plugin.kit.PlainText;
import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.kit.json.Json;
import io.mimir.plugin.kit.json.JsonException;
import io.mimir.plugin.kit.json.JsonReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a plugin says about itself (design/plugins.md, C ABI v1). All of it is a stranger's text:
 * its lengths and characters are checked, and it still has to be escaped where it is shown.
 *
 * @param format the version of this form; 1 is the one that {@link #FORMAT} knows
 * @param abi the version of the C ABI that the plugin speaks; see {@link #hasSupportedAbi}
 * @param name identity of the plugin
 * @param description empty when there is none; may have line ends
 * @param author empty when there is none
 * @param license empty when there is none
 * @param homepage empty when there is none; an http or https address
 * @param actions at least one
 * @param configSchema JSON Schema of the configuration
 * @param permissions what the plugin asks for, in its own words; see {@link
 *     #unsupportedPermissions}
 * @param extensions names of top-level members that begin with x-, which mean nothing to Mimir
 * @param text the manifest byte for byte, as the running plugin has to show it
 */
public record Manifest(
    int format,
    int abi,
    String name,
    SemanticVersion version,
    Type type,
    String description,
    String author,
    String license,
    String homepage,
    List<Action> actions,
    Optional<Json.Obj> configSchema,
    List<String> permissions,
    Limits limits,
    List<String> extensions,
    String text) {

  /** The version of the form of a manifest that this reads. */
  public static final int FORMAT = 1;

  /** The version of the C ABI that is supported. */
  public static final int ABI = 1;

  /** Permission to write to, read and list a folder of its own. */
  public static final String WORK_FOLDER = "work_folder";

  /** Permission to make folders in that folder as well, and to rename and remove what is in it. */
  public static final String WORK_FOLDER_TREE = "work_folder_tree";

  private static final Set<String> GRANTED = Set.of(WORK_FOLDER, WORK_FOLDER_TREE);

  private static final int LINE = 256;
  private static final int PARAGRAPHS = 4096;
  private static final int MAX_ACTIONS = 64;
  private static final int MAX_PERMISSIONS = 32;
  private static final int MAX_TIMEOUT_MS = 600_000;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{1,63}");
  private static final Pattern ACTION = Pattern.compile("[a-z][a-z0-9_.-]{0,63}");

  private static final Set<String> KNOWN =
      Set.of(
          "mimir_plugin",
          "abi",
          "name",
          "version",
          "type",
          "description",
          "author",
          "license",
          "homepage",
          "actions",
          "config_schema",
          "permissions",
          "limits");
  private static final Set<String> KNOWN_OF_ACTION =
      Set.of("name", "description", "input_schema", "output_schema", "idempotent", "timeout_ms");
  private static final Set<String> KNOWN_OF_LIMITS =
      Stream.concat(Stream.of("memory_mb", "call_timeout_ms", "concurrency"), Quota.NAMES.stream())
          .collect(Collectors.toUnmodifiableSet());

  /** What a plugin is for. */
  public enum Type {
    INPUT,
    OUTPUT,
    AI,
    DATA_PROCESSING;

    /** As manifests and the API write it. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Something that a plugin does.
   *
   * @param description empty when there is none; may have line ends
   * @param idempotent whether a call may be made again when a crash has hit it
   * @param timeout empty for the plugin's own
   */
  public record Action(
      String name,
      String description,
      Optional<Json.Obj> inputSchema,
      Optional<Json.Obj> outputSchema,
      boolean idempotent,
      Optional<Duration> timeout) {}

  /**
   * The bounds of a plugin: what it says, or the defaults.
   *
   * @param memoryMb MiB, from 1 to 4096; 256 unless said
   * @param callTimeout of an action that names none, up to ten minutes; 30 s unless said
   * @param concurrency how many calls it takes at once, from 1 to 64; 1 unless said
   */
  public record Limits(int memoryMb, Duration callTimeout, int concurrency, Quota quota) {

    public static final Limits DEFAULT = new Limits(256, Duration.ofSeconds(30), 1, Quota.DEFAULT);
  }

  public Manifest {
    actions = List.copyOf(actions);
    permissions = List.copyOf(permissions);
    extensions = List.copyOf(extensions);
  }

  /**
   * Reads a manifest strictly. A form or an ABI of another version is read as far as it is the
   * same, so that it can be shown; ask {@link #hasSupportedAbi} and {@link #unsupportedPermissions}
   * before accepting it.
   *
   * @param utf8 without the NUL that ends it in the file
   * @throws ManifestException when it is no JSON, or a member is missing, unknown or wrong
   */
  public static Manifest read(byte[] utf8) throws ManifestException {
    Json json;
    try {
      json = JsonReader.read(utf8);
    } catch (JsonException e) {
      throw new ManifestException("The manifest is not JSON: " + e.getMessage());
    }
    Members members = Members.of("", json);
    int format = members.number("mimir_plugin", 0, Integer.MAX_VALUE);
    int abi = members.number("abi", 0, Integer.MAX_VALUE);
    try {
      return read(format, abi, members, new String(utf8, StandardCharsets.UTF_8));
    } catch (ManifestException e) {
      // What a newer form has and this one has not is no mistake of the author.
      if (format > FORMAT || abi > ABI) {
        throw new ManifestException(
            RefusalReason.ABI_UNSUPPORTED,
            "The manifest is of form "
                + format
                + " and ABI "
                + abi
                + "; this server knows 1 and 1");
      }
      throw e;
    }
  }

  private static Manifest read(int format, int abi, Members members, String text)
      throws ManifestException {
    members.refuseUnknown(KNOWN);
    return new Manifest(
        format,
        abi,
        name(members),
        version(members),
        type(members),
        members.has("description") ? members.lines("description", PARAGRAPHS) : "",
        members.has("author") ? members.text("author", LINE) : "",
        members.has("license") ? members.text("license", LINE) : "",
        members.has("homepage") ? homepage(members) : "",
        actions(members),
        members.schema("config_schema"),
        members.has("permissions") ? permissions(members) : List.of(),
        members.has("limits") ? limits(members.need("limits")) : Limits.DEFAULT,
        members.extensions(),
        text);
  }

  /** Whether this version can load it. */
  public boolean hasSupportedAbi() {
    return format == FORMAT && abi == ABI;
  }

  /** What it asks for and does not get. */
  public List<String> unsupportedPermissions() {
    return permissions.stream().filter(permission -> !GRANTED.contains(permission)).toList();
  }

  /** Whether it asks for more than files that lie side by side. */
  public boolean asksForTree() {
    return permissions.contains(WORK_FOLDER_TREE);
  }

  public Optional<Action> action(String name) {
    return actions.stream().filter(action -> action.name().equals(name)).findFirst();
  }

  /** The text as bytes. */
  public byte[] utf8() {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String name(Members members) throws ManifestException {
    String name = members.text("name", LINE);
    if (!NAME.matcher(name).matches()) {
      throw new ManifestException(
          "name must be 2 to 64 of a-z, 0-9, _ and -, and begin with a letter");
    }
    return name;
  }

  private static SemanticVersion version(Members members) throws ManifestException {
    return SemanticVersion.of(members.text("version", LINE))
        .orElseThrow(
            () ->
                new ManifestException(
                    "version must be semantic, like 1.2.3 or 1.2.3-beta.1, of at most "
                        + SemanticVersion.MAX_LENGTH
                        + " characters"));
  }

  private static Type type(Members members) throws ManifestException {
    String wire = members.text("type", LINE);
    return Arrays.stream(Type.values())
        .filter(type -> type.wire().equals(wire))
        .findFirst()
        .orElseThrow(
            () ->
                new ManifestException(
                    Arrays.stream(Type.values())
                        .map(Type::wire)
                        .collect(Collectors.joining(", ", "type must be one of ", ""))));
  }

  private static String homepage(Members members) throws ManifestException {
    String homepage = members.text("homepage", LINE);
    try {
      URI uri = new URI(homepage);
      // A link that the page will show: nothing but the web.
      if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null) {
        return homepage;
      }
    } catch (URISyntaxException e) {
      // Answered below, like every other text that is no address.
    }
    throw new ManifestException("homepage must be an http or https address");
  }

  private static List<Action> actions(Members members) throws ManifestException {
    List<Json> items = members.items("actions");
    if (items.isEmpty() || items.size() > MAX_ACTIONS) {
      throw new ManifestException("actions must be 1 to " + MAX_ACTIONS);
    }
    List<Action> actions = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Json item : items) {
      Action action = action(Members.of("actions[" + actions.size() + "]", item));
      if (!names.add(action.name())) {
        throw new ManifestException("There are two actions named " + action.name());
      }
      actions.add(action);
    }
    return actions;
  }

  private static Action action(Members members) throws ManifestException {
    members.refuseUnknown(KNOWN_OF_ACTION);
    String name = members.text("name", LINE);
    if (!ACTION.matcher(name).matches()) {
      throw new ManifestException(
          members.at("name") + " must be 1 to 64 of a-z, 0-9, ., _ and -, and begin with a letter");
    }
    return new Action(
        name,
        members.has("description") ? members.lines("description", PARAGRAPHS) : "",
        members.schema("input_schema"),
        members.schema("output_schema"),
        members.flag("idempotent"),
        members.has("timeout_ms")
            ? Optional.of(Duration.ofMillis(members.number("timeout_ms", 1, MAX_TIMEOUT_MS)))
            : Optional.empty());
  }

  private static List<String> permissions(Members members) throws ManifestException {
    List<String> permissions = new ArrayList<>();
    for (Json item : members.items("permissions")) {
      if (!(item instanceof Json.Text text)) {
        throw new ManifestException("permissions must be texts, not " + item.kind());
      }
      if (text.value().length() > LINE || !PlainText.isPlain(text.value())) {
        throw new ManifestException("permissions[" + permissions.size() + "] is no permission");
      }
      permissions.add(text.value());
    }
    if (permissions.size() > MAX_PERMISSIONS) {
      throw new ManifestException("permissions must be at most " + MAX_PERMISSIONS);
    }
    return permissions;
  }

  private static Limits limits(Json json) throws ManifestException {
    Members members = Members.of("limits", json);
    members.refuseUnknown(KNOWN_OF_LIMITS);
    Limits usual = Limits.DEFAULT;
    return new Limits(
        members.number("memory_mb", 1, 4096, usual.memoryMb()),
        Duration.ofMillis(
            members.number(
                "call_timeout_ms", 1, MAX_TIMEOUT_MS, (int) usual.callTimeout().toMillis())),
        members.number("concurrency", 1, 64, usual.concurrency()),
        Quota.of(members));
  }
}
