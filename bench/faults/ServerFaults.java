import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Has the disk of a server be full, and its writes and syncs fail one by one, while it is asked over
 * REST: what was answered has to be what is stored, a failure has to be told as one, and the next
 * request has to be taken. README.md beside this file says more.
 */
public final class ServerFaults {

  private static final String WHERE = "server";
  private static final String KEYS = "/api/v1/settings/api-keys";
  private static final String TOKENS = "/api/v1/settings/tokens";
  private static final String CHAT = "/api/v1/chat";

  private static final List<Deeds.Kind> KINDS =
      List.of(
          Deeds.Kind.KEY_CREATE,
          Deeds.Kind.KEY_UPDATE,
          Deeds.Kind.KEY_DELETE,
          Deeds.Kind.TOKEN_CREATE,
          Deeds.Kind.TOKEN_REVOKE,
          Deeds.Kind.PUBLISHER_CREATE,
          Deeds.Kind.PUBLISHER_REVOKE,
          Deeds.Kind.CONVERSATION_CREATE);

  private static final String NOTE = "n".repeat(9_000);

  private final Server server;
  private final Checks checks;
  private final Results results;
  private int names;

  private ServerFaults(Server server, Checks checks, Results results) {
    this.server = server;
    this.checks = checks;
    this.results = results;
  }

  /** A request that is sent when it is called. */
  private interface Deed {
    Server.Answer ask() throws InterruptedException;
  }

  /** {@code RESULTS MIMIR PORT MOST BALLAST CONTROL LIBRARY}. */
  public static void main(String[] arguments) throws Exception {
    Results results = new Results(Path.of(arguments[0]));
    int most = Integer.parseInt(arguments[3]);
    Path ballast = Path.of(arguments[4]);
    Path control = Path.of(arguments[5]);
    Path data = Path.of(System.getenv("MIMIR_DATA_DIR"));
    Server server =
        new Server(
            Path.of(arguments[1]),
            Integer.parseInt(arguments[2]),
            data,
            Map.of("MIMIR_STRIKE", control.toString(), "LD_PRELOAD", arguments[6]));
    try (Checks checks = new Checks(data)) {
      ServerFaults faults = new ServerFaults(server, checks, results);
      faults.strike(most, control);
      faults.disk(most, ballast);
      for (String wrong : checks.faults()) {
        results.wrong("after the faults of the server: " + wrong);
      }
    }
    int code = server.stop();
    if (code != 0) {
      results.wrong("the server ended with " + code);
    }
    results.write();
    System.exit(0);
  }

  private void strike(int most, Path control) throws Exception {
    for (Map.Entry<Integer, String> error :
        List.of(Map.entry(5, "EIO"), Map.entry(28, "ENOSPC"))) {
      int struck = 0;
      for (Deeds.Kind kind : KINDS) {
        int hit = 1;
        for (int n = 1; hit == 1 && struck < most / 2; n++) {
          int call = n;
          hit =
              attempt(
                  error.getValue() + " of write, sync or truncate",
                  kind,
                  new StoreFaults.Fault() {
                    @Override
                    public void begin() throws Exception {
                      Files.writeString(control, call + " " + error.getKey());
                    }

                    @Override
                    public boolean end() throws Exception {
                      boolean was = Files.readString(control).startsWith("0 ");
                      Files.delete(control);
                      return was;
                    }
                  });
          struck += hit;
        }
      }
    }
  }

  /** That the disk was full is known by the refusals: each is one. */
  private void disk(int most, Path ballast) throws Exception {
    int struck = 0;
    for (int round = 0; struck < most / 2 && round < 40; round++) {
      int blocks = round % 6;
      for (Deeds.Kind kind : KINDS) {
        struck +=
            attempt(
                "SQLITE_FULL by a full file system",
                kind,
                new StoreFaults.Fault() {
                  @Override
                  public void begin() throws Exception {
                    checks.shrinkLog();
                    StoreFaults.fill(ballast, blocks);
                  }

                  @Override
                  public boolean end() throws Exception {
                    Files.delete(ballast);
                    return false;
                  }
                });
      }
    }
  }

  private String name() {
    return "n%07d".formatted(++names);
  }

  /** Returns 1 when something failed, 0 when it was spared. */
  private int attempt(String fault, Deeds.Kind kind, StoreFaults.Fault how) throws Exception {
    String name = name();
    Deed deed = prepare(kind, name);
    Map<String, String> before = checks.snapshot();
    how.begin();
    Server.Answer answer = deed.ask();
    boolean struck = how.end() | answer.status() == 503;
    if (!struck) {
      if (answer.status() >= 300 || answer.status() == 0) {
        results.wrong("%s, %s: without a fault %s".formatted(fault, kind, answer));
      }
      return 0;
    }
    String what = "%s, %s on the server".formatted(fault, kind);
    boolean done = answer.status() / 100 == 2;
    if (!done && !(answer.status() == 503 && answer.body().contains("storage_unavailable"))) {
      results.wrong("%s was told as %s".formatted(what, answer));
    }
    boolean agreed = checks.agrees(results, what, kind, name, before, done);
    results.count(fault, WHERE, agreed, recovers(what, kind));
    results.write();
    return 1;
  }

  private boolean recovers(String what, Deeds.Kind kind) throws Exception {
    String next = name();
    Server.Answer answer = prepare(kind, next).ask();
    boolean stored =
        answer.status() / 100 == 2
            && kind.done(checks.connection(), next) == 1
            && kind.told(checks.connection(), next) == 1;
    if (!stored) {
      results.wrong("after %s the next one was answered with %s".formatted(what, answer));
    }
    return stored;
  }

  private Deed prepare(Deeds.Kind kind, String name) throws InterruptedException {
    String key =
        "{\"provider\":\"openai\",\"name\":\"%s\",\"key_value\":\"sk-fault-0123456789\",\"metadata\":{\"note\":\"%s\"}}"
            .formatted(name, NOTE);
    String token = "{\"name\":\"%s\",\"scopes\":[\"gateway\"]}".formatted(name);
    String publishers = "/api/v1/settings/plugins/publishers";
    return switch (kind) {
      case KEY_CREATE -> () -> server.post(KEYS, key);
      case KEY_UPDATE -> {
        String id = made(KEYS, key);
        yield () -> server.put(KEYS + "/" + id, "{\"priority\":7,\"key_value\":\"sk-another-0123456789\"}");
      }
      case KEY_DELETE -> {
        String id = made(KEYS, key);
        yield () -> server.delete(KEYS + "/" + id);
      }
      case TOKEN_CREATE -> () -> server.post(TOKENS, token);
      case TOKEN_REVOKE -> {
        String id = made(TOKENS, token);
        yield () -> server.delete(TOKENS + "/" + id);
      }
      case PUBLISHER_CREATE -> {
        String publisher = publisher(name);
        yield () -> server.post(publishers, publisher);
      }
      case PUBLISHER_REVOKE -> {
        String id = made(publishers, publisher(name));
        yield () -> server.delete(publishers + "/" + id);
      }
      case CONVERSATION_CREATE ->
          () -> server.post(CHAT, "{\"title\":\"%s\",\"system_prompt\":\"%s\"}".formatted(name, NOTE));
      default -> throw new IllegalArgumentException(kind.toString());
    };
  }

  private static String publisher(String name) {
    return "{\"name\":\"%s\",\"kind\":\"ssh\",\"public_key\":\"%s\",\"name_pattern\":\"%s-*\"}"
        .formatted(name, Deeds.sshKey(), name);
  }

  private String made(String path, String body) throws InterruptedException {
    return server.post(path, body).text("id");
  }
}
