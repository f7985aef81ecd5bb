package io.mimir.web;

import io.mimir.web.Wire.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Every kind of credential against every deed that makes, changes or trusts somebody. What each
 * answer has to be is written by hand, from the contract.
 */
final class Powers {

  static final String PASSWORD = "three words for powers";

  /**
   * By columns: what it is, method, path and body, then what is answered to an administrator's
   * session, to one in which the password was entered again, to Basic, to tokens of the scopes
   * settings and accounts, and to those of each other scope. {@code pw} is 403 password_required,
   * {@code no} is 403 forbidden; each of both has to be in the audit log as denied.
   */
  private static final String ROWS =
      """
      list users         | GET    | users          |                                                | 200 | 200 | 200 | 200 | 200 | no
      make a user        | POST   | users          | {"username":"@","password":"!","roles":["user"]}       | 201 | 201 | 201 | no  | 201 | no
      make an auditor    | POST   | users          | {"username":"@","password":"!","roles":["auditor"]}    | 201 | 201 | 201 | no  | 201 | no
      make an admin      | POST   | users          | {"username":"@","password":"!","roles":["admin"]}      | pw  | 201 | 201 | no  | no  | no
      make both          | POST   | users          | {"username":"@","password":"!","roles":["user","admin"]} | pw | 201 | 201 | no | no | no
      reset a user       | PUT    | users/#user    | {"password":"!"}                               | 200 | 200 | 200 | no  | 200 | no
      reset an auditor   | PUT    | users/#auditor | {"password":"!"}                               | 200 | 200 | 200 | no  | 200 | no
      reset an admin     | PUT    | users/#admin   | {"password":"!"}                               | pw  | 200 | 200 | no  | no  | no
      reset a disabled   | PUT    | users/#off     | {"password":"!"}                               | pw  | 200 | 200 | no  | no  | no
      turn to auditor    | PUT    | users/#user    | {"roles":["auditor"]}                          | 200 | 200 | 200 | no  | 200 | no
      turn to admin      | PUT    | users/#user    | {"roles":["admin"]}                            | pw  | 200 | 200 | no  | no  | no
      turn from admin    | PUT    | users/#admin   | {"roles":["user"]}                             | pw  | 200 | 200 | no  | no  | no
      disable a user     | PUT    | users/#user    | {"is_active":false}                            | 200 | 200 | 200 | no  | 200 | no
      disable an admin   | PUT    | users/#admin   | {"is_active":false}                            | pw  | 200 | 200 | no  | no  | no
      enable an admin    | PUT    | users/#off     | {"is_active":true}                             | pw  | 200 | 200 | no  | no  | no
      revoke of a user   | PUT    | users/#user    | {"revoke_tokens":true}                         | 200 | 200 | 200 | no  | 200 | no
      revoke of an admin | PUT    | users/#admin   | {"revoke_tokens":true}                         | pw  | 200 | 200 | no  | no  | no
      delete a user      | DELETE | users/#user    |                                                | 200 | 200 | 200 | no  | 200 | no
      delete an admin    | DELETE | users/#admin   |                                                | pw  | 200 | 200 | no  | no  | no
      delete a disabled  | DELETE | users/#off     |                                                | pw  | 200 | 200 | no  | no  | no
      a wide token       | POST   | tokens         | {"name":"@","scopes":["settings","accounts"]}  | 201 | 201 | 201 | no  | no  | no
      a settings token   | POST   | tokens         | {"name":"@","scopes":["settings"]}             | 201 | 201 | 201 | 201 | no  | no
      an accounts token  | POST   | tokens         | {"name":"@","scopes":["accounts"]}             | 201 | 201 | 201 | no  | 201 | no
      a metrics token    | POST   | tokens         | {"name":"@","scopes":["metrics"]}              | 201 | 201 | 201 | no  | no  | no
      a user's token     | DELETE | tokens/#usertoken  |                                            | 200 | 200 | 200 | 200 | 200 | no
      an admin's token   | DELETE | tokens/#admintoken |                                            | 200 | 200 | 200 | 200 | no  | no
      add a publisher    | POST   | plugins/publishers   | {"name":"@","public_key":"none"}         | pw  | 422 | 422 | no  | no  | no
      end a publisher    | DELETE | plugins/publishers/x |                                          | pw  | 404 | 404 | no  | no  | no
      trust a file       | POST   | plugins/plugin_template/trust |                                 | pw  | 403 builtin_immutable | 403 builtin_immutable | no | no | no
      own token          | POST   | /api/v1/account/tokens   | {"name":"@","scopes":["settings"]}   | 201 | 201 | 201 | no  | no  | no
      own password       | PUT    | /api/v1/account/password | {"current":"!"}                      | 400 | 400 | 400 | no  | no  | no
      enter the password | POST   | /api/v1/session/password | {}                                   | 400 | 400 | 400 | no  | no  | no
      """;

  private static final List<String> OTHER_SCOPES = List.of("gateway", "chat", "audit", "metrics");

  private final Wire admin;
  private final Map<String, List<Wire>> callers = new LinkedHashMap<>();
  private final Map<String, String> made = new LinkedHashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private final String run = "powers-" + UUID.randomUUID() + "-";
  private int count;

  /**
   * @param admin by Basic
   * @param session of an administrator
   * @param confirmed another one, in which the password was entered again
   */
  Powers(Wire admin, Wire session, Wire confirmed) {
    this.admin = admin;
    callers.put("session", List.of(session));
    callers.put("confirmed", List.of(confirmed));
    callers.put("basic", List.of(admin));
    callers.put("settings", List.of(token("settings")));
    callers.put("accounts", List.of(token("accounts")));
    callers.put("others", OTHER_SCOPES.stream().map(this::token).toList());
  }

  private Wire token(String scope) {
    return admin.with(
        admin
            .post(
                "/api/v1/account/tokens",
                "{\"name\":\"powers\",\"scopes\":[\"%s\"]}".formatted(scope))
            .text("token"));
  }

  /** Everything that was not answered as it has to be. */
  List<String> wrong() {
    ROWS.lines().forEach(this::row);
    return wrong;
  }

  /** The ids of the requests that were refused. */
  List<String> refused() {
    return refused;
  }

  private void row(String line) {
    String[] cells = line.split("\\|");
    int column = 4;
    for (Map.Entry<String, List<Wire>> each : callers.entrySet()) {
      String expected = cells[column++].strip();
      for (Wire caller : each.getValue()) {
        Answer answer =
            caller.send(
                cells[1].strip(), path(cells[2].strip()), body(cells[3].strip()), TYPE[0], TYPE[1]);
        String got = shorten(answer, expected);
        if (!got.equals(expected)) {
          wrong.add(
              "%s by %s: %s and not %s: %s"
                  .formatted(
                      cells[0].strip(), each.getKey(), got, expected, answer.text("detail")));
        }
        if (List.of("pw", "no").contains(expected)) {
          refused.add(answer.header("X-Request-Id"));
        } else {
          restore(cells[1].strip(), cells[2].strip());
        }
      }
    }
  }

  /** The next one finds it as this one did. */
  private void restore(String method, String path) {
    String kind = path.substring(path.indexOf('#') + 1);
    if (method.equals("DELETE")) {
      made.remove(kind);
    } else if (made.containsKey(kind)) {
      admin.put(
          path(path),
          "{\"roles\":[\"%s\"],\"is_active\":%s}"
              .formatted(kind.equals("off") ? "admin" : kind, !kind.equals("off")));
    }
  }

  private static final String[] TYPE = {"Content-Type", "application/json"};

  private static String shorten(Answer answer, String expected) {
    String code = answer.status() < 400 ? "" : answer.text("code");
    return switch (answer.status() + code) {
      case "403password_required" -> "pw";
      case "403forbidden" -> "no";
      default ->
          expected.contains(" ") ? answer.status() + " " + code : String.valueOf(answer.status());
    };
  }

  private String path(String text) {
    String path = text.startsWith("/") ? text : "/api/v1/settings/" + text;
    int mark = path.indexOf('#');
    return mark < 0 ? path : path.substring(0, mark) + target(path.substring(mark + 1));
  }

  private String target(String kind) {
    String known = made.get(kind);
    if (known == null) {
      known = make(kind);
      made.put(kind, known);
    }
    return known;
  }

  private String body(String text) {
    return text.isEmpty()
        ? null
        : text.replace("\"@\"", "\"" + unique() + "\"").replace("\"!\"", "\"" + PASSWORD + "\"");
  }

  private String unique() {
    return run + ++count;
  }

  private String make(String kind) {
    return switch (kind) {
      case "usertoken" -> tokenOf("user");
      case "admintoken" -> tokenOf("admin");
      case "off" -> {
        String id = account("admin", unique());
        admin.put("/api/v1/settings/users/" + id, "{\"is_active\":false}");
        yield id;
      }
      default -> account(kind, unique());
    };
  }

  private String account(String role, String name) {
    return admin
        .post(
            "/api/v1/settings/users",
            "{\"username\":\"%s\",\"password\":\"%s\",\"roles\":[\"%s\"]}"
                .formatted(name, PASSWORD, role))
        .text("id");
  }

  private String tokenOf(String role) {
    String owner = run + role;
    if (!made.containsKey(owner)) {
      made.put(owner, account(role, owner));
    }
    return admin
        .as(owner, PASSWORD)
        .post("/api/v1/account/tokens", "{\"name\":\"t\",\"scopes\":[\"gateway\"]}")
        .text("id");
  }
}
