package io.mimir.plugin.service.builtin;

import static java.lang.System.Logger.Level.ERROR;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mimir.error.Faults;
import io.mimir.error.FieldError;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.manifest.ManifestException;
import io.mimir.plugin.service.CallContext;
import io.mimir.plugin.service.ConfigSchema;
import io.mimir.plugin.service.PluginCallException;
import io.mimir.plugin.service.PluginCallException.Kind;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.VaultException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/**
 * The plugins that are part of the server: what they say of themselves, and calls to them. They run
 * on the thread of whoever calls and end at their deadline by themselves, because a thread of Java
 * cannot be stopped from outside.
 */
@ApplicationScoped
public class Builtins {

  private static final System.Logger LOG = System.getLogger(Builtins.class.getName());

  /** How many calls of one plugin may be under way: as many as of an uploaded one. */
  static final int MAX_CALLS = 64;

  /** How deep an input or a document may be, as in the rest of the API. */
  static final int MAX_DEPTH = 64;

  /** What a call may give, in bytes: as much as a frame of an uploaded plugin holds. */
  private static final int MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

  private static final int MAX_INPUT_BYTES = 8 * 1024 * 1024;

  /** Numbers stay as they were written: what passes through is not changed by the way. */
  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_OUTPUT_BYTES)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  @Inject @Any Instance<BuiltinPlugin> plugins;
  @Inject Vault vault;

  private Map<String, Offer> offers;

  /** A plugin and what its manifest says. */
  private static final class Offer {
    private final BuiltinPlugin plugin;
    private final Manifest manifest;
    private final Semaphore slots = new Semaphore(MAX_CALLS);
    private final Map<String, ConfigSchema> inputs = new ConcurrentHashMap<>();
    private ConfigSchema config;

    Offer(BuiltinPlugin plugin) {
      this.plugin = plugin;
      this.manifest = manifestOf(plugin.name());
    }

    /** Made when it is first asked for: validators take longer to load than a start should. */
    synchronized ConfigSchema config() {
      if (config == null) {
        config = ConfigSchema.of(manifest.configSchema().map(Object::toString).orElse(null));
      }
      return config;
    }

    ConfigSchema input(Manifest.Action action) {
      return inputs.computeIfAbsent(
          action.name(),
          any -> ConfigSchema.of(action.inputSchema().map(Object::toString).orElse(null)));
    }
  }

  private static Manifest manifestOf(String name) {
    try (InputStream in = Builtins.class.getResourceAsStream("/builtin/" + name + ".json")) {
      if (in == null) {
        throw new IllegalStateException("The application carries no manifest of " + name);
      }
      return Manifest.read(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ManifestException e) {
      throw new IllegalStateException("The manifest of " + name + " is wrong", e);
    }
  }

  private synchronized Map<String, Offer> offers() {
    if (offers == null) {
      offers = offersOf(plugins);
    }
    return offers;
  }

  private static Map<String, Offer> offersOf(Iterable<BuiltinPlugin> plugins) {
    Map<String, Offer> found = new TreeMap<>();
    plugins.forEach(plugin -> found.put(plugin.name(), new Offer(plugin)));
    return Collections.unmodifiableMap(found);
  }

  /** For tests: these and no others. */
  static Builtins of(Vault vault, List<BuiltinPlugin> plugins) {
    Builtins builtins = new Builtins();
    builtins.vault = vault;
    builtins.offers = offersOf(plugins);
    return builtins;
  }

  /** What there is, by name. */
  public Collection<Manifest> manifests() {
    return offers().values().stream().map(offer -> offer.manifest).toList();
  }

  /** What a plugin says of itself; empty when this version of the server has none of this name. */
  public Optional<Manifest> manifest(String name) {
    return Optional.ofNullable(offers().get(name)).map(offer -> offer.manifest);
  }

  /** What may be configured. */
  public ConfigSchema configSchema(String name) {
    Offer offer = offers().get(name);
    return offer == null ? ConfigSchema.of(null) : offer.config();
  }

  /**
   * Has the plugin itself look at a configuration that fits its schema.
   *
   * @param sent what came in: a secret that is in it is not one that stays
   * @see BuiltinPlugin#vet
   */
  public void vet(
      String name, ObjectNode sent, ConfigSchema.Split before, ConfigSchema.Split after) {
    Offer offer = offers().get(name);
    if (offer == null) {
      return;
    }
    try (Settings settings = settings(after)) {
      offer.plugin.vet(
          before.open(),
          settings,
          before.secret().properties().stream()
              .map(Map.Entry::getKey)
              .filter(secret -> sent.path(secret).asText("").isEmpty())
              .filter(after.secret()::has)
              .collect(Collectors.toSet()));
    }
  }

  /**
   * Calls an action.
   *
   * @param plugin as it is stored
   * @param input UTF-8 JSON, an object; empty means an empty one
   * @return UTF-8 JSON
   */
  public byte[] call(Plugin plugin, String action, byte[] input, CallContext context)
      throws PluginCallException {
    Offer offer = offers().get(plugin.getName());
    if (offer == null) {
      throw new PluginCallException(
          Kind.NOT_RUNNING, "This version of Mimir has no such plugin any more");
    }
    if (!plugin.isEnabled()) {
      throw new PluginCallException(Kind.NOT_RUNNING, "The plugin is disabled: enable it first");
    }
    Manifest.Action offered =
        offer
            .manifest
            .action(action)
            .orElseThrow(
                () ->
                    new PluginCallException(
                        Kind.UNKNOWN_ACTION, "The plugin has no action of this name"));
    if (!offer.slots.tryAcquire()) {
      throw new PluginCallException(Kind.BUSY, "The plugin has as many calls as it may have");
    }
    try {
      Duration usual = offered.timeout().orElse(offer.manifest.limits().callTimeout());
      Deadline deadline = Deadline.of(context, usual);
      ObjectNode fitting = fitting(offer.input(offered), input);
      try (Settings settings = settings(plugin)) {
        return written(offer.plugin.call(action, settings, fitting, deadline));
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // JSON has numbers of any size; what works with them has not.
      throw new ProblemException(
          Problem.MALFORMED, "A number of the input is too large to work with");
    } catch (RuntimeException | StackOverflowError e) {
      LOG.log(ERROR, "The plugin " + plugin.getName() + " failed unexpectedly", Faults.nameless(e));
      throw new PluginCallException(
          Kind.CRASHED, "The plugin failed in a way that it should not; the server's log says how");
    } finally {
      offer.slots.release();
    }
  }

  private static ObjectNode fitting(ConfigSchema schema, byte[] input) throws PluginCallException {
    if (input.length > MAX_INPUT_BYTES) {
      throw Refusals.badInput("A call takes at most 8 MiB");
    }
    JsonNode tree;
    try {
      tree = input.length == 0 ? JSON.createObjectNode() : JSON.readTree(input);
    } catch (IOException e) {
      throw Refusals.badInput("The input is no JSON, or deeper than " + MAX_DEPTH + " levels");
    }
    if (!(tree instanceof ObjectNode object)) {
      throw Refusals.badInput("The input is a JSON object");
    }
    List<FieldError> wrong = schema.errors(object, "");
    if (!wrong.isEmpty()) {
      throw Refusals.badInput(
          wrong.stream()
              .map(error -> error.field() + ": " + error.message())
              .collect(Collectors.joining("; ")));
    }
    return object;
  }

  private Settings settings(Plugin plugin) throws PluginCallException {
    try (Secret sealed = plugin.openSecrets(vault)) {
      return settings(
          new ConfigSchema.Split(
              (ObjectNode) JSON.readTree(plugin.getConfig()),
              sealed.isEmpty()
                  ? JSON.createObjectNode()
                  : (ObjectNode) JSON.readTree(sealed.reveal())));
    } catch (VaultException e) {
      throw new PluginCallException(
          Kind.NOT_RUNNING, "The stored secrets of the plugin do not open: enter them again");
    } catch (IOException e) {
      throw new IllegalStateException("A stored configuration is no JSON");
    }
  }

  private static Settings settings(ConfigSchema.Split split) {
    Map<String, Secret> secrets = new HashMap<>();
    for (var member : split.secret().properties()) {
      secrets.put(member.getKey(), Secret.of(member.getValue().asText()));
    }
    return new Settings(split.open(), secrets);
  }

  private static byte[] written(ObjectNode result) throws PluginCallException {
    Bounded out = new Bounded();
    try {
      JSON.writeValue(out, result);
    } catch (IOException e) {
      throw Refusals.refused("too_large", "What came out is larger than 16 MiB");
    }
    return out.bytes.toByteArray();
  }

  /** Gives up as soon as there is too much, and not when all of it is there. */
  private static final class Bounded extends OutputStream {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] piece, int from, int count) throws IOException {
      if (bytes.size() + count > MAX_OUTPUT_BYTES) {
        throw new IOException("Too much");
      }
      bytes.write(piece, from, count);
    }
  }
}
