package io.mimir.security.web;

import static jakarta.security.enterprise.AuthenticationStatus.NOT_DONE;
import static jakarta.security.enterprise.AuthenticationStatus.SEND_CONTINUE;
import static jakarta.security.enterprise.AuthenticationStatus.SEND_FAILURE;
import static jakarta.security.enterprise.AuthenticationStatus.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.audit.DeniedAction;
import io.mimir.audit.service.RequestOrigin;
import io.mimir.audit.service.TestLog;
import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.metrics.service.HttpMetrics;
import io.mimir.security.Role;
import io.mimir.security.Secret;
import io.mimir.security.service.Identity;
import io.mimir.security.service.LocalOperator;
import io.mimir.security.service.SignIn;
import io.mimir.security.service.TestIdentities;
import io.mimir.security.service.TestVaults;
import io.mimir.security.web.WebExchange.Browser;
import jakarta.ejb.EJBException;
import jakarta.security.enterprise.AuthenticationException;
import jakarta.security.enterprise.AuthenticationStatus;
import jakarta.security.enterprise.authentication.mechanism.http.AuthenticationParameters;
import jakarta.security.enterprise.authentication.mechanism.http.HttpMessageContext;
import jakarta.security.enterprise.credential.UsernamePasswordCredential;
import jakarta.servlet.http.Cookie;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in at the door of pages and of the console's API, and by what. */
class AuthenticationTest {

  private static final String PASSWORD = "correct:horse battery";
  private static final Instant SINCE = Instant.now().minus(Duration.ofDays(1));
  private static final String API = "/api/v1/settings/api-keys";

  private final List<DeniedAction> denials = new ArrayList<>();
  private final TestLog log = new TestLog();
  private final Sessions sessions = new Sessions();
  private final Authentication door = new Authentication();
  private Optional<Identity> ada = Optional.of(person(SINCE, Role.ADMIN));
  private Set<String> groups;

  private static Identity person(Instant since, String role) {
    return new Identity(
        "usr_ada",
        "ada",
        Identity.groupsOfPerson(List.of(role)),
        List.of(role),
        since,
        null,
        List.of(),
        null);
  }

  private static Identity program(String... groups) {
    return new Identity(
        "usr_ada", "ada", Set.of(groups), List.of(), SINCE, "tok_1", List.of(), null);
  }

  @BeforeEach
  void build() {
    SignIn signIn =
        new SignIn() {
          @Override
          public Identity withPassword(String username, Secret password, String address) {
            if (username.equals("broken")) {
              throw new EJBException("the database is gone");
            }
            if (!username.equals("ada") || !password.reveal().equals(PASSWORD)) {
              throw new ProblemException(Problem.UNAUTHENTICATED, "wrong");
            }
            return ada.orElseThrow();
          }

          @Override
          public Identity withBasic(String username, Secret password, String address) {
            assertThat(address).isEqualTo("192.0.2.1");
            return withPassword(username, password, address);
          }

          @Override
          public Optional<Identity> account(String accountId) {
            return ada.filter(known -> known.accountId().equals(accountId));
          }

          @Override
          public Optional<Identity> withToken(Secret text) {
            return switch (text.reveal()) {
              case "settings" -> Optional.of(program(Role.ADMIN));
              case "chat" -> Optional.of(program(Role.USER));
              default -> Optional.empty();
            };
          }
        };
    SecurityConfig config = new SecurityConfig();
    config.secureCookies = Optional.of(true);
    config.publicUrl = Optional.empty();
    config.trustedProxies = Optional.empty();
    sessions.signIn = signIn;
    sessions.vault = TestVaults.fresh();
    sessions.config = config;
    door.signIn = signIn;
    door.operator =
        new LocalOperator() {
          @Override
          public Optional<Identity> withToken(Secret token) {
            return token.reveal().equals("operator")
                ? Optional.of(program(Role.OPERATOR))
                : Optional.empty();
          }
        };
    door.sessions = sessions;
    door.authority = TestIdentities.staleSession(denials);
    door.config = config;
    door.clientAddress = new ClientAddress();
    door.clientAddress.config = config;
    door.origin = new RequestOrigin();
    door.metrics = new HttpMetrics();
    door.audit = log;
  }

  /** What the server asks and is told; with a name and a password it is a sign-in. */
  private HttpMessageContext context(String username, String password) {
    return (HttpMessageContext)
        Proxy.newProxyInstance(
            HttpMessageContext.class.getClassLoader(),
            new Class<?>[] {HttpMessageContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "isAuthenticationRequest" -> username != null;
                  case "getAuthParameters" ->
                      new AuthenticationParameters()
                          .credential(new UsernamePasswordCredential(username, password));
                  case "doNothing" -> NOT_DONE;
                  case "notifyContainerAboutLogin" -> {
                    @SuppressWarnings("unchecked")
                    Set<String> told = (Set<String>) arguments[1];
                    groups = told;
                    yield SUCCESS;
                  }
                  case "cleanClientSubject" -> {
                    groups = null;
                    yield null;
                  }
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private AuthenticationStatus knock(WebExchange exchange) {
    return knock(exchange, null, null);
  }

  private AuthenticationStatus knock(WebExchange exchange, String username, String password) {
    try {
      return door.validateRequest(
          exchange.request(), exchange.response(), context(username, password));
    } catch (AuthenticationException e) {
      throw new AssertionError(e);
    }
  }

  private Browser signedIn() {
    WebExchange login = new WebExchange("POST", "/login");
    assertThat(knock(login, "ada", PASSWORD)).isEqualTo(SUCCESS);
    return login.browser();
  }

  private static String basic(String text) {
    return "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void isRefused(WebExchange exchange, int status, String code) {
    assertThat(knock(exchange)).isEqualTo(SEND_FAILURE);
    assertThat(exchange.status()).isEqualTo(status);
    assertThat(exchange.body()).contains("\"code\":\"" + code + "\"");
    assertThat(exchange.answered("X-Content-Type-Options")).isEqualTo("nosniff");
  }

  private boolean mayBeAnAdministratorInPerson() {
    try {
      door.authority.requirePassword("x", null, null);
      return true;
    } catch (ProblemException e) {
      return false;
    }
  }

  @Test
  void whoSignsInGetsASecondCookieThatScriptsCannotRead() {
    Browser browser = signedIn();

    Cookie cookie = browser.cookie();
    assertThat(cookie.getName()).isEqualTo("mimir_session");
    assertThat(cookie.getValue()).hasSize(43);
    assertThat(cookie.isHttpOnly()).isTrue();
    assertThat(cookie.getSecure()).isTrue();
    assertThat(cookie.getAttribute("SameSite")).isEqualTo("Strict");
    assertThat(cookie.getPath()).isEqualTo("/");
    assertThat(browser.sessionIds()).isEqualTo(1);
    assertThat(log.lines()).containsExactly("ada login success");
    assertThat(groups).contains(Role.ADMIN, Role.PERSON);
    assertThat(mayBeAnAdministratorInPerson()).as("signing in is no confirmation").isFalse();
    assertThat(knock(new WebExchange("GET", "/settings/plugins").by(browser))).isEqualTo(SUCCESS);
  }

  @Test
  void aWrongPasswordOpensNoSession() {
    WebExchange login = new WebExchange("POST", "/login");

    assertThat(knock(login, "ada", "wrong")).isEqualTo(SEND_FAILURE);

    assertThat(Authentication.problemOf(login.request()).problem())
        .isEqualTo(Problem.UNAUTHENTICATED);
    assertThat(login.browser().hasSession()).isFalse();
    assertThat(login.browser().cookie()).isNull();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void oneOfTwoCookiesLetsNobodyInAndEndsNobodysSession() {
    Browser browser = signedIn();
    Cookie right = browser.cookie();
    browser.forgetCookie();
    assertThat(knock(new WebExchange("GET", "/settings").by(browser))).isEqualTo(SEND_CONTINUE);
    browser.useCookie(new Cookie("mimir_session", "x".repeat(43)));
    assertThat(knock(new WebExchange("GET", "/settings").by(browser))).isEqualTo(SEND_CONTINUE);
    browser.useCookie(new Cookie("other", right.getValue()));
    assertThat(knock(new WebExchange("GET", "/settings").by(browser))).isEqualTo(SEND_CONTINUE);

    browser.useCookie(right);

    assertThat(knock(new WebExchange("GET", "/settings").by(browser))).isEqualTo(SUCCESS);
  }

  @Test
  void anAccountThatIsGoneOrHasANewPasswordIsOut() {
    Browser browser = signedIn();
    ada = Optional.of(person(SINCE.plusSeconds(1), Role.ADMIN));
    assertThat(knock(new WebExchange("GET", "/settings").by(browser))).isEqualTo(SEND_CONTINUE);
    assertThat(browser.hasSession()).isFalse();

    Browser another = signedIn();
    ada = Optional.empty();
    assertThat(knock(new WebExchange("GET", "/settings").by(another))).isEqualTo(SEND_CONTINUE);
    assertThat(another.hasSession()).isFalse();
  }

  @Test
  void aSessionEndsAfterEightHours() {
    for (int minutes : new int[] {8 * 60 - 1, 8 * 60 + 1}) {
      Browser browser = signedIn();
      WebExchange exchange = new WebExchange("GET", "/settings").by(browser);
      UserSession session = UserSession.of(exchange.request());
      new UserSession(
              session.accountId(),
              Instant.now().minus(Duration.ofMinutes(minutes)),
              session.binding(),
              session.csrf(),
              session.since(),
              null)
          .bindTo(exchange.request().getSession());

      assertThat(knock(exchange)).isEqualTo(minutes < 8 * 60 ? SUCCESS : SEND_CONTINUE);
      assertThat(browser.hasSession()).isEqualTo(minutes < 8 * 60);
    }
  }

  /** T61: a page of somebody else's sends the cookies too, and does not know the token. */
  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
  void aSessionChangesNothingThroughTheApiWithoutTheTokenOfItsPages(String method) {
    Browser browser = signedIn();
    isRefused(new WebExchange(method, API).by(browser), 403, "csrf");
    isRefused(
        new WebExchange(method, API).by(browser).with("X-CSRF-Token", "x".repeat(43)), 403, "csrf");
    WebExchange right = new WebExchange(method, API).by(browser);
    right.with("X-CSRF-Token", UserSession.of(right.request()).csrf());

    assertThat(knock(right)).isEqualTo(SUCCESS);
    assertThat(Authentication.isBySession(right.request())).isTrue();
    assertThat(knock(new WebExchange("GET", API).by(browser))).isEqualTo(SUCCESS);
  }

  @Test
  void aConfirmedPasswordCountsInItsSessionAndMakesBothCookiesNew() {
    Browser browser = signedIn();
    Cookie before = browser.cookie();
    WebExchange confirming = new WebExchange("POST", "/api/v1/session/password").by(browser);

    Instant until = sessions.confirm(confirming.request(), confirming.response());

    assertThat(until)
        .isBetween(Instant.now().plusSeconds(240), Instant.now().plus(UserSession.CONFIRMED));
    assertThat(browser.cookie().getValue()).isNotEqualTo(before.getValue());
    assertThat(browser.sessionIds()).isEqualTo(2);
    assertThat(knock(new WebExchange("GET", "/settings").by(browser))).isEqualTo(SUCCESS);
    assertThat(mayBeAnAdministratorInPerson()).isTrue();
    browser.useCookie(before);
    assertThat(knock(new WebExchange("GET", "/settings").by(browser))).isEqualTo(SEND_CONTINUE);
    WebExchange stranger = new WebExchange("POST", "/api/v1/session/password");
    assertThatThrownBy(() -> sessions.confirm(stranger.request(), stranger.response()))
        .isInstanceOf(ProblemException.class);
    assertThat(Sessions.isConfirmed(stranger.request())).isFalse();
    assertThat(Sessions.hasCsrfToken(stranger.request(), "x")).isFalse();
  }

  @Test
  void whoLeavesIsOut() {
    Browser browser = signedIn();
    WebExchange exchange = new WebExchange("GET", "/settings").by(browser);
    knock(exchange);

    door.cleanSubject(exchange.request(), exchange.response(), context(null, null));

    assertThat(groups).isNull();
    assertThat(browser.hasSession()).isFalse();
    assertThat(browser.cookie()).isNull();
    assertThat(log.lines()).containsExactly("ada login success", "ada logout success");
    WebExchange nobody = new WebExchange("GET", "/login");
    door.cleanSubject(nobody.request(), nobody.response(), context(null, null));
    assertThat(log.lines()).hasSize(2);
  }

  @Test
  void aTokenOpensTheDoorsOfItsScopesAndIsNoPerson() {
    WebExchange settings = new WebExchange("POST", API).with("Authorization", "bearer settings");
    assertThat(knock(settings)).isEqualTo(SUCCESS);
    assertThat(Authentication.identityOf(settings.request()).tokenId()).isEqualTo("tok_1");
    assertThat(Authentication.isBySession(settings.request())).isFalse();
    assertThat(mayBeAnAdministratorInPerson()).isFalse();
    assertThat(denials).hasSize(1);
    assertThat(
            knock(
                new WebExchange("GET", "/api/v1/backup").with("Authorization", "Bearer operator")))
        .isEqualTo(SUCCESS);

    isRefused(new WebExchange("GET", API).with("Authorization", "Bearer chat"), 403, "forbidden");
    assertThat(log.lines()).containsExactly("ada access denied");
    isRefused(
        new WebExchange("GET", API).with("Authorization", "Bearer other"), 401, "unauthenticated");
  }

  @Test
  void basicBringsThePasswordWithEachRequest() {
    assertThat(knock(new WebExchange("POST", API).with("Authorization", basic("ada:" + PASSWORD))))
        .isEqualTo(SUCCESS);
    assertThat(mayBeAnAdministratorInPerson()).isTrue();

    for (String wrong :
        List.of(
            basic("ada:wrong"),
            basic("ada"),
            basic(":" + PASSWORD),
            "Basic",
            "Basic ?",
            "Basic /w==",
            "Digest x",
            "")) {
      WebExchange exchange = new WebExchange("GET", API).with("Authorization", wrong);
      isRefused(exchange, 401, "unauthenticated");
      assertThat(exchange.answered("WWW-Authenticate")).isEqualTo("Bearer realm=\"Mimir\"");
    }
  }

  @Test
  void whoIsNotKnownIsAskedToSignInOrToldHow() {
    assertThat(knock(new WebExchange("GET", "/login"))).isEqualTo(NOT_DONE);
    WebExchange page = new WebExchange("GET", "/settings");
    assertThat(knock(page)).isEqualTo(SEND_CONTINUE);
    assertThat(page.status()).isEqualTo(302);
    assertThat(page.answered("Location")).isEqualTo("/login?next=%2Fsettings");
    isRefused(new WebExchange("GET", API), 401, "unauthenticated");
    // A page takes no header: a browser would have to be told to send it.
    assertThat(knock(new WebExchange("GET", "/settings").with("Authorization", "Bearer settings")))
        .isEqualTo(SEND_CONTINUE);
  }

  @Test
  void aPageThatOnesRolesDoNotAllowIsForbidden() {
    ada = Optional.of(person(SINCE, Role.USER));
    Browser browser = signedIn();
    WebExchange page = new WebExchange("GET", "/settings/plugins").by(browser);

    assertThat(knock(page)).isEqualTo(SEND_FAILURE);

    assertThat(page.status()).isEqualTo(403);
    assertThat(log.lines()).endsWith("ada access denied");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/assets/../metrics", "/settings;jsessionid=1", "/a/%2e%2e/b"})
  void aCrookedAddressIsRefusedBeforeAnythingElse(String path) {
    WebExchange crooked = new WebExchange("GET", path).with("Authorization", "Bearer settings");

    assertThat(knock(crooked)).isEqualTo(SEND_FAILURE);

    assertThat(crooked.status()).isEqualTo(400);
    assertThat(crooked.body()).contains("without dots");
  }

  @Test
  void theGatewayIsLeftToItself() {
    assertThat(knock(new WebExchange("POST", "/v1").with("Authorization", "Bearer other")))
        .isEqualTo(NOT_DONE);
  }

  @Test
  void aBaseUrlThatIsWrongIsToldBeforeASignIn() {
    WebExchange exchange = new WebExchange("GET", "/settings").with("x-api-key", "sk-1");
    exchange.with("Host", "mimir.example");

    assertThat(knock(exchange)).isEqualTo(SEND_FAILURE);

    assertThat(exchange.status()).isEqualTo(404);
    assertThat(exchange.body()).contains("https://mimir.example/v1");
    assertThat(exchange.answered("X-Frame-Options")).isEqualTo("DENY");
  }

  @Test
  void aDatabaseThatFailsIsNoEmptyAnswer() {
    WebExchange exchange = new WebExchange("GET", API).with("Authorization", basic("broken:x"));

    assertThat(knock(exchange)).isEqualTo(SEND_FAILURE);

    assertThat(exchange.status()).isGreaterThanOrEqualTo(500);
    assertThat(exchange.body()).contains("\"code\"").doesNotContain("the database is gone");
  }
}
