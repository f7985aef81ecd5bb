import io.mimir.audit.Outcome;
import io.mimir.audit.service.AuditLog;
import io.mimir.chat.Conversation;
import io.mimir.chat.Message;
import io.mimir.chat.service.Chat;
import io.mimir.chat.service.Transcript;
import io.mimir.credential.KeyDraft;
import io.mimir.credential.service.ApiKeys;
import io.mimir.llm.Provider;
import io.mimir.llm.Reply;
import io.mimir.plugin.Plugin;
import io.mimir.plugin.PluginFile;
import io.mimir.plugin.PluginPublisher;
import io.mimir.plugin.PluginType;
import io.mimir.plugin.service.Plugins;
import io.mimir.plugin.service.Publishers;
import io.mimir.security.AccessToken;
import io.mimir.security.Secret;
import io.mimir.security.Vault;
import io.mimir.security.service.AccessTokens;
import io.mimir.security.service.Accounts;
import io.mimir.security.service.Authority;
import io.mimir.security.service.Identity;
import io.mimir.start.service.OfflineData;
import io.mimir.usage.LatencyHistogram;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.service.UsageStore;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * What is written on the paths of settings, plugins, chat and usage: each by the service that the
 * server calls for it, with the question to the database that tells whether it is done.
 */
final class Deeds {

  /** Something that is written in one transaction. */
  enum Kind {
    KEY_CREATE("key.create", "select count(*) from api_keys where name = ?"),
    KEY_UPDATE("key.update", "select count(*) from api_keys where name = ? and priority = 7"),
    KEY_DELETE("key.delete", "select count(*) from api_keys where name = ? and deleted_at is not null"),
    TOKEN_CREATE("token.create", "select count(*) from access_tokens where name = ?"),
    TOKEN_REVOKE("token.revoke", "select count(*) from access_tokens where name = ? and revoked_at is not null"),
    USER_CREATE("user.create", "select count(*) from accounts where username = ?"),
    PUBLISHER_CREATE("publisher.create", "select count(*) from plugin_publishers where name = ?"),
    PUBLISHER_REVOKE("publisher.revoke", "select count(*) from plugin_publishers where name = ? and revoked_at is not null"),
    PLUGIN_UPLOAD("plugin.upload", "select count(*) from plugins where name = ?"),
    PLUGIN_CONFIGURE("plugin.configure", "select count(*) from plugins where name = ? and config like '%\"size\":1%'"),
    CONVERSATION_CREATE(null, "select count(*) from conversations where title = ?"),
    CONVERSATION_DELETE(
        null,
        "select case count(*) when 0 then 1 when 2 then 0 else 9 end from conversations c left join messages m on m.conversation_id = c.id where c.title = ?"),
    QUESTION(
        null,
        "select count(*) from conversations c join messages m on m.conversation_id = c.id where c.title = ?"),
    ANSWER(
        null,
        "select count(*) from conversations c join messages m on m.conversation_id = c.id where c.title = ? and m.role = 'assistant'"),
    USAGE(null, "select case ifnull((select sum(requests) from usage_hours where model = ?1), 0) + 100 * (select count(*) from usage_writers where id = ?1) when 0 then 0 when 115 then 1 else 9 end"),
    SIGN_IN("login", "select count(*) from audit_events where target = ? and action = 'login' and outcome = 'success'");

    /** The word of the audit log; null for what is not in it. */
    final String action;

    /** Gives 1 for a name with which it is done, and 0 for one with which it is not. */
    private final String question;

    Kind(String action, String question) {
      this.action = action;
      this.question = question;
    }

    /** Asks the database; the answer is 0 or 1, and anything else is half done. */
    long done(Connection connection, String name) throws SQLException {
      return ask(connection, question, name);
    }

    /** How many successes the audit log tells of it. */
    long told(Connection connection, String name) throws SQLException {
      return action == null
          ? done(connection, name)
          : ask(
              connection,
              "select count(*) from audit_events where action = '%s' and outcome = 'success' and ? in (target, target_name)"
                  .formatted(action),
              name);
    }

    private static long ask(Connection connection, String question, String name)
        throws SQLException {
      try (var statement = connection.prepareStatement(question)) {
        statement.setString(1, name);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          return row.getLong(1);
        }
      }
    }
  }

  private final Store store;
  private final String note;
  private final Identity caller;

  /**
   * @param noteBytes how much is written with each thing that has room for a text
   */
  Deeds(Store store, int noteBytes) {
    this.store = store;
    this.note = "n".repeat(noteBytes);
    this.caller = person(account());
    store.bean(Authority.class).set(caller, true);
  }

  private static Identity person(String accountId) {
    return new Identity(
        accountId,
        Store.ACTOR,
        Identity.groupsOfPerson(List.of("admin")),
        List.of("admin"),
        Instant.now(),
        null,
        List.of(),
        null);
  }

  private String account() {
    store.bean(Authority.class).set(person("none"), true);
    Accounts accounts = store.bean(Accounts.class);
    return store.transaction(
        () ->
            accounts.all().stream()
                .filter(each -> each.getUsername().equals(Store.ACTOR))
                .findFirst()
                .orElseGet(() -> accounts.store(Store.ACTOR, "no password", List.of("admin")))
                .getId());
  }

  /**
   * Makes what a deed needs, and returns the deed.
   *
   * @param name of what it is done to, used once
   */
  Runnable prepare(Kind kind, String name) {
    return switch (kind) {
      case KEY_CREATE -> () -> addKey(name);
      case KEY_UPDATE -> {
        String id = addKey(name);
        KeyDraft change =
            KeyDraft.NONE.withSecret(Secret.of("sk-another-0123456789")).withPlace(7, null);
        yield () -> store.run(() -> keys().change(id, change, version -> true));
      }
      case KEY_DELETE -> {
        String id = addKey(name);
        yield () -> store.run(() -> keys().delete(id, version -> true));
      }
      case TOKEN_CREATE -> () -> addToken(name);
      case TOKEN_REVOKE -> {
        String id = addToken(name);
        yield () -> store.run(() -> store.bean(AccessTokens.class).revoke(id));
      }
      case USER_CREATE ->
          () -> store.run(() -> store.bean(Accounts.class).store(name, note, List.of("user")));
      case PUBLISHER_CREATE -> () -> addPublisher(name);
      case PUBLISHER_REVOKE -> {
        String id = addPublisher(name);
        yield () -> store.run(() -> store.bean(Publishers.class).revoke(id));
      }
      case PLUGIN_UPLOAD -> () -> addPlugin(name);
      case PLUGIN_CONFIGURE -> {
        String id = addPlugin(name);
        yield () -> store.run(() -> configure(id));
      }
      case CONVERSATION_CREATE -> () -> addConversation(name);
      case CONVERSATION_DELETE -> {
        String id = addConversation(name);
        answer(ask(id));
        yield () -> store.run(() -> store.bean(Chat.class).delete(caller, id));
      }
      case QUESTION -> {
        String id = addConversation(name);
        yield () -> ask(id);
      }
      case ANSWER -> {
        Message question = ask(addConversation(name));
        yield () -> answer(question);
      }
      case USAGE -> {
        List<Usage> batch = batch(name);
        yield () -> store.run(() -> store.bean(UsageStore.class).add(name, 1, batch));
      }
      case SIGN_IN ->
          () ->
              store.run(
                  () ->
                      store.bean(AuditLog.class).write(Store.ACTOR, "login", name, Outcome.SUCCESS));
    };
  }

  private ApiKeys keys() {
    return store.bean(ApiKeys.class);
  }

  private String addKey(String name) {
    KeyDraft draft =
        KeyDraft.of(Provider.OPENAI, name)
            .withSecret(Secret.of("sk-fault-0123456789abcdef"))
            .withMetadata(Map.of("note", note));
    return store.transaction(() -> keys().add(draft)).getId();
  }

  private String addToken(String name) {
    AccessToken.Wish wish =
        new AccessToken.Wish(name, List.of("gateway"), null, List.of("m"), null, null);
    return store
        .transaction(() -> store.bean(AccessTokens.class).issue(caller.accountId(), wish))
        .token()
        .getId();
  }

  private String addPublisher(String name) {
    var wish = new Publishers.NewPublisher(name, "ssh", sshKey(), name + "-*", null, null);
    PluginPublisher made = store.transaction(() -> store.bean(Publishers.class).add(wish));
    return made.getId();
  }

  /** A new Ed25519 key as ssh-keygen writes it (RFC 8709). */
  static String sshKey() {
    try {
      byte[] encoded =
          KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
      ByteArrayOutputStream blob = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(blob);
      for (byte[] part :
          new byte[][] {
            "ssh-ed25519".getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)
          }) {
        out.writeInt(part.length);
        out.write(part);
      }
      return "ssh-ed25519 " + Base64.getEncoder().encodeToString(blob.toByteArray());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private String addPlugin(String name) {
    PluginFile file = new PluginFile("1.0.0", name + ".so", "0".repeat(64), manifest(name), null);
    Plugin plugin =
        Plugin.uploaded(name, PluginType.DATA_PROCESSING, file, Store.ACTOR, Instant.now());
    return store
        .transaction(() -> store.bean(Plugins.class).store(plugin, "plugin.upload"))
        .getId();
  }

  private String manifest(String name) {
    return "{\"mimir_plugin\":1,\"abi\":1,\"name\":\"%s\",\"version\":\"1.0.0\",\"type\":\"data_processing\",\"actions\":[],\"description\":\"%s\"}"
        .formatted(name, note);
  }

  private void configure(String id) {
    Plugins plugins = store.bean(Plugins.class);
    Plugin plugin = plugins.get(id);
    plugin.configure("{\"size\":1}", Secret.of("{\"word\":\"a secret\"}"), vault());
    plugins.store(plugin, "plugin.configure");
  }

  private Vault vault;

  private Vault vault() {
    if (vault == null) {
      vault = OfflineData.openDatabase();
    }
    return vault;
  }

  private String addConversation(String title) {
    var wish = new Conversation.Wish(title, note, null, null);
    return store.transaction(() -> store.bean(Chat.class).create(caller, wish)).getId();
  }

  private Message ask(String conversation) {
    String text = "Q" + note;
    return store
        .transaction(
            () -> store.bean(Transcript.class).ask(caller.accountId(), conversation, text))
        .question();
  }

  private void answer(Message question) {
    var source = new Message.Source(Provider.OPENAI, "m", "k", new Reply.Usage(3L, 2L));
    store.run(() -> store.bean(Transcript.class).answer(question, "A" + note, "m", source));
  }

  /** Sums of 1, 2, 3, 4 and 5 requests. */
  private static List<Usage> batch(String model) {
    Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
    List<Usage> batch = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      UsageCell cell = new UsageCell(hour, "key_" + i, "", model, "", "other", "acc_1");
      batch.add(new Usage(cell, i, 0, 10L * i, i, 0, 0, 5L * i, LatencyHistogram.NONE));
    }
    return batch;
  }
}
